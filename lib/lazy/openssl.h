/*
 * OpenSSL, loaded when it is used for the first time
 *
 * Most programs that start use no key, and to load a library that they don't
 * need took longer than all that they do. With LAZY=1 in the Makefile, which is
 * the default on Linux, nothing is linked with OpenSSL. Instead openssl.c has
 * functions with the names of those that tls.c and chat-etcd call, which call
 * those of the library that openssl_load() has loaded. With LAZY=0 the linker
 * does it all.
 */
#ifndef LAZY_OPENSSL_H
#define LAZY_OPENSSL_H

/*
 * Load it, if that hasn't been done; call no function of OpenSSL before that.
 * It opens files, so it has to come before a sandbox. Returns NULL or, if the
 * library isn't there, or one of its functions isn't, a reason, which stays
 * valid.
 */
const char	*openssl_load(void);

#endif
