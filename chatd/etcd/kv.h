/*
 * Kv: etcd's requests and responses, as far as a log needs them
 *
 * Those who look for the numbers of fields find them in etcd's rpc.proto and
 * kv.proto; they are the same in all of its versions. A request is added to m,
 * which was empty, and belongs to the caller.
 */
#ifndef KV_H
#define KV_H

#include "pb.h"

#define KV_RANGE	"/etcdserverpb.KV/Range"
#define KV_PUT		"/etcdserverpb.KV/Put"
#define KV_TXN		"/etcdserverpb.KV/Txn"
#define KV_COMPACT	"/etcdserverpb.KV/Compact"
#define KV_WATCH	"/etcdserverpb.Watch/Watch"
#define KV_ALARM	"/etcdserverpb.Maintenance/Alarm"
#define KV_DEFRAGMENT	"/etcdserverpb.Maintenance/Defragment"
#define KV_STATUS	"/etcdserverpb.Maintenance/Status"

#define KV_FOUND_MAX	256		/* keys in one response */

/* A key and its value, which point into the response. */
struct kv {
	const uint8_t	*key;
	size_t		 keylen;
	uint64_t	 created;	/* revision of its first put */
	uint64_t	 modified;	/* revision of this one */
	uint64_t	 version;	/* how many puts, with this one */
	const uint8_t	*value;
	size_t		 len;
};

/* What a response to any request has. */
struct kv_response {
	uint64_t	 cluster;
	uint64_t	 member;	/* who responds */
	uint64_t	 revision;	/* of all keys */
	uint64_t	 term;		/* has one leader at most; 0: untold */
	bool		 succeeded;	/* a transaction's condition held */
	struct kv	 found[KV_FOUND_MAX];
	size_t		 n;		/* of found; no more than fit */
	uint64_t	 alarms[KV_FOUND_MAX]; /* members without space */
	size_t		 nalarms;
};

/*
 * Read a key, as it was at that revision, or as it is now for 0. keys_only
 * leaves out the value. A read that may be stale asks nobody but this member.
 */
void	 kv_range(struct pb *m, const char *key, uint64_t revision,
	    bool keys_only, bool stale);

/* Read all keys that begin with prefix. */
void	 kv_range_prefix(struct pb *m, const char *prefix);

void	 kv_put(struct pb *m, const char *key, const void *value, size_t len);

/* Read the first key without its value, and the other one, at one revision. */
void	 kv_read_both(struct pb *m, const char *first, const char *other);

/* Unless there is such a key, put the two. */
void	 kv_create_both(struct pb *m, const char *key, const char *value,
	    const char *other, const char *other_value);

/* Forget what was before that revision, and wait until the space is free. */
void	 kv_compact(struct pb *m, uint64_t revision);

/* Watch a key from that revision on. */
void	 kv_watch(struct pb *m, const char *key, uint64_t revision);

/* Ask which members have no space, or end that alarm of one. */
void	 kv_alarms(struct pb *m);
void	 kv_disarm(struct pb *m, uint64_t member);

/* Parse a response, but for that of a watch, or KV_STATUS. Returns false if it
 * is none. */
bool	 kv_parse(struct kv_response *r, const uint8_t *p, size_t len);

/*
 * Parse the response to KV_STATUS, whose request is empty: its header, and in
 * *leader which member leads, or 0 for nobody. Returns false if it is none.
 */
bool	 kv_parse_status(struct kv_response *r, uint64_t *leader,
	    const uint8_t *p, size_t len);

/* Parse a key and its value. Returns false if it is none. */
bool	 kv_parse_kv(struct kv *kv, const uint8_t *p, size_t len);

/* Parse the header of any response. Returns false if it is none. */
bool	 kv_parse_header(struct kv_response *r, const uint8_t *p, size_t len);

/* Whether the kv's key is that one. */
bool	 kv_is(const struct kv *kv, const char *key);

#endif
