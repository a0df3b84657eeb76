# chat - small chat tools that speak in lines
#
# Works in GNU make and in bmake. The usual variables are yours: CC, CFLAGS,
# CPPFLAGS, LDFLAGS, LDLIBS, PREFIX, DESTDIR, MANDIR. HARDEN= and HARDEN_LD=
# leave out the hardening, for compilers and linkers that don't know it;
# SANITIZE=1 builds with ASan and UBSan instead.
.POSIX:
.SUFFIXES:
.SUFFIXES: .c .o .scd

CC = cc
CFLAGS = -O2 -g
CPPFLAGS =
LDFLAGS =
LDLIBS =
PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
INSTALL = install
PKG_CONFIG = pkg-config
SCDOC = scdoc
SANITIZE = 0

HARDEN_0 = -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
HARDEN_1 = -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer
HARDEN = $(HARDEN_$(SANITIZE)) -fPIE
HARDEN_LD_0 = -Wl,-z,relro,-z,now
HARDEN_LD_1 = -fsanitize=address,undefined
HARDEN_LD = $(HARDEN_LD_$(SANITIZE)) -pie

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wconversion
BUILD_CFLAGS = -std=c11 -D_DEFAULT_SOURCE $(WARN) $(HARDEN) -Ilib -Ichatd \
	$$($(PKG_CONFIG) --cflags libbsd-overlay)
BUILD_LIBS = $$($(PKG_CONFIG) --libs libbsd-overlay)
LINK = $(CC) $(HARDEN) $(CFLAGS) $(HARDEN_LD) $(LDFLAGS) -o $@

HEADERS = lib/addr.h lib/cli.h lib/clock.h lib/conn.h lib/ctl.h lib/input.h \
	lib/joint.h lib/line.h lib/link.h lib/net.h lib/output.h lib/sendq.h \
	lib/show.h lib/signals.h lib/tcp.h lib/text.h \
	chatd/client.h chatd/door.h chatd/flush.h chatd/intake.h \
	chatd/listener.h chatd/log.h chatd/patience.h chatd/peer.h \
	chatd/room.h chatd/server.h chat/term.h
LIB = lib/addr.o lib/cli.o lib/clock.o lib/conn.o lib/ctl.o lib/input.o \
	lib/joint.o lib/line.o lib/link.o lib/net.o lib/output.o lib/sendq.o \
	lib/show.o lib/signals.o lib/tcp.o lib/text.o
ROOM = chatd/client.o chatd/door.o chatd/flush.o chatd/intake.o \
	chatd/listener.o chatd/log.o chatd/patience.o chatd/peer.o \
	chatd/room.o chatd/server.o
CHAT = chat/chat.o chat/term.o
OBJS = $(LIB) $(ROOM) chatd/chatd.o chat-send/chat-send.o \
	chat-recv/chat-recv.o $(CHAT)
BIN = chatd/chatd chat-send/chat-send chat-recv/chat-recv chat/chat
MAN = man/chat.1 man/chat-send.1 man/chat-recv.1 man/chat.7 man/chatd.8

all: $(BIN) $(MAN)

chatd/chatd: chatd/chatd.o $(ROOM) lib/libchat.a
	$(LINK) chatd/chatd.o $(ROOM) lib/libchat.a $(BUILD_LIBS) $(LDLIBS)

chat-send/chat-send: chat-send/chat-send.o lib/libchat.a
	$(LINK) chat-send/chat-send.o lib/libchat.a $(BUILD_LIBS) $(LDLIBS)

chat-recv/chat-recv: chat-recv/chat-recv.o lib/libchat.a
	$(LINK) chat-recv/chat-recv.o lib/libchat.a $(BUILD_LIBS) $(LDLIBS)

chat/chat: $(CHAT) lib/libchat.a
	$(LINK) $(CHAT) lib/libchat.a -lreadline $(BUILD_LIBS) $(LDLIBS)

lib/libchat.a: $(LIB)
	rm -f $@
	$(AR) rc $@ $(LIB)

$(OBJS): $(HEADERS) .flags

.c.o:
	$(CC) $(BUILD_CFLAGS) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# A page that could not be made must not look as if it had been.
.scd:
	$(SCDOC) < $< > $@ || { rm -f $@; false; }

# Other compilers or flags than the last time: everything is built anew.
.flags: always
	@printf '%s\n' '$(CC) $(HARDEN) $(WARN) $(CPPFLAGS) $(CFLAGS)' | \
	    cmp -s - $@ || printf '%s\n' \
	    '$(CC) $(HARDEN) $(WARN) $(CPPFLAGS) $(CFLAGS)' > $@
always:

clean:
	rm -f $(BIN) $(OBJS) lib/libchat.a $(MAN) .flags
