# chat - small chat tools that speak in lines
#
# Works in GNU make and in bmake. The usual variables are yours: CC, CFLAGS,
# CPPFLAGS, LDFLAGS, LDLIBS, PREFIX, DESTDIR, BINDIR, MANDIR, SHAREDIR,
# UNITDIR.
# HARDEN= and HARDEN_LD= leave out the hardening, for compilers and linkers that
# don't know it; SANITIZE=1 builds with ASan and UBSan instead, and VALGRIND=1
# for valgrind, which couldn't look into a sandbox.
#
#	make			the programs and their pages
#	make install uninstall
#	make install-systemd	units that run chatd as a service
#	make deps		install what is missing to build
#	make deps-check		the same, and what is missing to check
#	make demo		a conversation, to look at
#	make check		all tests; SUITES='test/chat.bats' names some, and
#				FAST=1 takes half a minute, for after an edit
#	make dist		chat-VERSION.tar.gz of the sources
#	make deb		packages for Debian of them, see .dist/README.md
#	make lint fuzz bench	FUZZ_SECONDS=60 each, HARNESSES='daemon tls';
#				BENCH='-n 9 a' more of (a)
#	make model		hold the room against chat(7), MODEL_SEEDS=200 times;
#				MODEL='-s 17' from that seed on
#	make torture		cut, kill and break, for TORTURE_SECONDS=3600
.POSIX:
.SUFFIXES:
.SUFFIXES: .c .o .scd

# The programs and the pages have it from here.
VERSION = 0.1

CC = cc
CFLAGS = -O2 -g
CPPFLAGS =
LDFLAGS =
LDLIBS =
PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
SHAREDIR = $(PREFIX)/share
BASHDIR = $(SHAREDIR)/bash-completion/completions
ZSHDIR = $(SHAREDIR)/zsh/site-functions
FISHDIR = $(SHAREDIR)/fish/vendor_completions.d
DESKTOPDIR = $(SHAREDIR)/applications
METAINFODIR = $(SHAREDIR)/metainfo
ICONDIR = $(SHAREDIR)/icons/hicolor/scalable/apps
UNITDIR = $(PREFIX)/lib/systemd/system
INSTALL = install
PKG_CONFIG = pkg-config
SCDOC = scdoc
SANITIZE = 0
VALGRIND = 0
SUITES =
FAST = 0
FUZZ_SECONDS = 60
TORTURE_SECONDS = 3600
MODEL_SEEDS = 200
MODEL =
BENCH =

HARDEN_0 = -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
HARDEN_1 = -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer
HARDEN = $(HARDEN_$(SANITIZE)) -fPIE
HARDEN_LD_0 = -Wl,-z,relro,-z,now
HARDEN_LD_1 = -fsanitize=address,undefined
HARDEN_LD = $(HARDEN_LD_$(SANITIZE)) -pie

SANDBOX_1 = -DSANDBOX_NONE

# OpenSSL isn't linked but loaded by who uses a key, which saves the others half
# of the time of a start: a package has to depend on libssl, though no program
# says so. LAZY=0 links it, as a static build has to.
LAZY != test "$$(uname)" = Linux && echo 1 || echo 0
LAZY_1 = -DLAZY

# chat-etcd is built where its library is.
ETCD != $(PKG_CONFIG) --exists libnghttp2 2>/dev/null && echo 1 || echo 0

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wconversion
# Where there is none, the sandbox goes without.
SECCOMP_CFLAGS = $$($(PKG_CONFIG) --exists libseccomp 2>/dev/null && \
	printf '%s ' -DHAVE_SECCOMP && $(PKG_CONFIG) --cflags libseccomp)
SECCOMP_LIBS = $$($(PKG_CONFIG) --libs libseccomp 2>/dev/null)
BUILD_CFLAGS = -std=c11 -D_DEFAULT_SOURCE -DVERSION='"$(VERSION)"' $(WARN) \
	$(HARDEN) -Ilib -Ichatd \
	$$($(PKG_CONFIG) --cflags libbsd-overlay libssl libcrypto) \
	$$($(PKG_CONFIG) --cflags libnghttp2 2>/dev/null) \
	$(SECCOMP_CFLAGS) $(SANDBOX_$(VALGRIND)) $(LAZY_$(LAZY))
BUILD_LIBS = $$($(PKG_CONFIG) --libs libbsd-overlay) $(SECCOMP_LIBS)
OPENSSL_LIBS = $$($(PKG_CONFIG) --libs libssl libcrypto)
TLS_LIBS_0 = $(OPENSSL_LIBS)
TLS_LIBS = $(TLS_LIBS_$(LAZY))
# Readline brings it along, but under different names.
TERM_LIBS = $$($(PKG_CONFIG) --libs tinfo 2>/dev/null || \
	$(PKG_CONFIG) --libs ncurses 2>/dev/null || printf '%s' -lcurses)
LINK = $(CC) $(HARDEN) $(CFLAGS) $(HARDEN_LD) $(LDFLAGS) -o $@

# A directory's sources are all that lie in it: a new file needs no line here.
LIB_SRC != ls lib/*.c lib/lazy/*.c
CLIENT_SRC != ls lib/client/*.c
CHATD_SRC != ls chatd/*.c chatd/*/*.c | grep -v '^chatd/etcd/'
ETCD_SRC != ls chatd/etcd/*.c
CHAT_SRC != ls chat/*.c
UNIT_SRC != ls test/unit/*.c
MODEL_SRC != ls test/model/*.c
BENCH_SRC != ls test/bench/*.c
TOOLS_SRC != ls test/tools/*.c

LIB = $(LIB_SRC:.c=.o)
CLIENT = $(CLIENT_SRC:.c=.o)
CHATD = $(CHATD_SRC:.c=.o)
CHAT_ETCD = $(ETCD_SRC:.c=.o)
CHAT = $(CHAT_SRC:.c=.o)
UNIT = $(UNIT_SRC:.c=.o)
MODEL_OBJS = $(MODEL_SRC:.c=.o)
LOAD = test/bench/load.o test/bench/churn.o test/bench/crowd.o \
	test/bench/fanout.o test/bench/idle.o test/bench/handshake.o \
	test/bench/latency.o test/bench/proc.o
BARE = test/bench/bare.o test/bench/proc.o
# With those parts of chat-etcd that know nothing of rooms.
PUTWATCH = test/bench/putwatch.o test/bench/barelog.o test/bench/crowd.o \
	test/bench/proc.o chatd/etcd/call.o chatd/etcd/events.o \
	chatd/etcd/grpc.o chatd/etcd/kv.o chatd/etcd/pb.o chatd/etcd/wire.o
CUTTER = test/tools/cutter.o test/tools/sock.o
FAKELOG = test/tools/fakelog.o test/tools/helper.o test/tools/ledger.o \
	test/tools/orders.o test/tools/sock.o test/tools/wild.o
FLOODER = test/tools/flooder.o
POWERLOSS = test/tools/history.o test/tools/platter.o test/tools/powerloss.o \
	test/tools/witness.o
VALIDATE = test/bench/validate.o lib/text.o
OBJS = $(LIB) $(CLIENT) $(CHATD) $(CHAT_ETCD) chat-send/chat-send.o \
	chat-recv/chat-recv.o $(CHAT) $(UNIT) $(MODEL_OBJS) \
	$(BENCH_SRC:.c=.o) $(TOOLS_SRC:.c=.o)
# What they are linked with: chatd needs nothing of what the clients share.
LIBCHAT = lib/libchat.a
LIBCLIENT = lib/client/libclient.a lib/libchat.a
BIN_ETCD_1 = chatd/etcd/chat-etcd
BIN_ETCD = $(BIN_ETCD_$(ETCD))
BIN = chatd/chatd chat-send/chat-send chat-recv/chat-recv chat/chat \
	$(BIN_ETCD)
TEST_BIN = test/unit/unit test/model/model test/tools/cutter \
	test/tools/escape test/tools/fakelog test/tools/fault.so \
	test/tools/flooder test/tools/lacking test/tools/pass \
	test/tools/powerloss test/tools/recorder.so
BENCH_ETCD_1 = test/bench/putwatch
BENCH_BIN = test/bench/load test/bench/bare test/bench/validate \
	$(BENCH_ETCD_$(ETCD))
MAN = man/chat.1 man/chat-send.1 man/chat-recv.1 man/chat-window.1 man/chat.7 \
	man/chat-log.7 man/chat-web.7 man/chat-etcd.8 man/chat-log.8 man/chatd.8
WEB = chat/web/index.html chat/web/chat.css chat/web/chat.js \
	chat/web/people.js chat/web/room.js chat/web/text.js \
	chat/web/transcript.js
METAINFO = io.github.chat_tools.chat-window.metainfo.xml
# Whose completions are those of chat under another name.
COMPLETED = chat-etcd chat-log chat-recv chat-send chat-window chatd

.PHONY: all always bench check clean deb demo deps deps-check dist fuzz install \
	install-completion install-log install-systemd install-window lint \
	model torture uninstall

all: $(BIN) $(MAN)

chatd/chatd: $(CHATD) $(LIBCHAT)
	$(LINK) $(CHATD) $(LIBCHAT) $(TLS_LIBS) $(BUILD_LIBS) $(LDLIBS)

chatd/etcd/chat-etcd: $(CHAT_ETCD) $(LIBCLIENT)
	$(LINK) $(CHAT_ETCD) $(LIBCLIENT) \
	    $$($(PKG_CONFIG) --libs libnghttp2) $(TLS_LIBS) $(BUILD_LIBS) \
	    $(LDLIBS)

chat-send/chat-send: chat-send/chat-send.o $(LIBCLIENT)
	$(LINK) chat-send/chat-send.o $(LIBCLIENT) $(TLS_LIBS) $(BUILD_LIBS) $(LDLIBS)

chat-recv/chat-recv: chat-recv/chat-recv.o $(LIBCLIENT)
	$(LINK) chat-recv/chat-recv.o $(LIBCLIENT) $(TLS_LIBS) $(BUILD_LIBS) $(LDLIBS)

chat/chat: $(CHAT) $(LIBCLIENT)
	$(LINK) $(CHAT) $(LIBCLIENT) -lreadline $(TERM_LIBS) $(TLS_LIBS) \
	    $(BUILD_LIBS) $(LDLIBS)

# All of chatd but its main().
PARTS = $(CHATD:chatd/chatd.o=)
# And of chat-etcd what needs no library.
ETCD_PARTS = chatd/etcd/call.o chatd/etcd/events.o chatd/etcd/kv.o \
	chatd/etcd/marks.o chatd/etcd/pb.o
# It looks into OpenSSL, and so is always linked with it: see test/unit/tls.c.
LINKED = $(LIB:lib/lazy/openssl.o=)
test/unit/unit: $(UNIT) $(PARTS) $(ETCD_PARTS) $(CLIENT) $(LINKED)
	$(LINK) $(UNIT) $(PARTS) $(ETCD_PARTS) $(CLIENT) $(LINKED) \
	    $(OPENSSL_LIBS) $(BUILD_LIBS) $(LDLIBS)

test/model/model: $(MODEL_OBJS) test/unit/reference.o $(LIBCHAT)
	$(LINK) $(MODEL_OBJS) test/unit/reference.o $(LIBCHAT) $(BUILD_LIBS) $(LDLIBS)

test/tools/cutter: $(CUTTER) $(LIBCLIENT)
	$(LINK) $(CUTTER) $(LIBCLIENT) $(TLS_LIBS) $(BUILD_LIBS) $(LDLIBS)

test/tools/fakelog: $(FAKELOG) $(LIBCHAT)
	$(LINK) $(FAKELOG) $(LIBCHAT) $(BUILD_LIBS) $(LDLIBS)

test/tools/flooder: $(FLOODER) $(LIBCLIENT)
	$(LINK) $(FLOODER) $(LIBCLIENT) $(TLS_LIBS) $(BUILD_LIBS) $(LDLIBS)

# It goes between libc and any program, so it's built without what they have,
# and libc's own types aren't quite ISO C's. Nor may names that it defines be
# names of others.
FAULT = test/tools/fault.c test/tools/plan.c
test/tools/fault.so: $(FAULT) test/tools/plan.h .flags
	$(CC) -std=c11 -D_DEFAULT_SOURCE $(WARN) -Wno-pedantic -fPIC \
	    -fno-builtin $(CPPFLAGS) $(CFLAGS) -U_FORTIFY_SOURCE \
	    -U_FILE_OFFSET_BITS -U_TIME_BITS -shared $(LDFLAGS) -o $@ \
	    $(FAULT) $(LDLIBS)

test/tools/recorder.so: test/tools/recorder.c test/tools/recording.h .flags
	$(CC) -std=c11 -D_DEFAULT_SOURCE $(WARN) -Wno-pedantic -fPIC \
	    -U_FORTIFY_SOURCE -fno-builtin $(CPPFLAGS) $(CFLAGS) -shared \
	    $(LDFLAGS) -o $@ \
	    test/tools/recorder.c $(LDLIBS)

# Sanitizers would make calls of their own, so it's always built without them.
ESCAPE = test/tools/escape.c lib/key.c lib/lazy/openssl.c lib/sandbox.c \
	lib/text.c lib/tls.c lib/word.c
test/tools/escape: $(ESCAPE) lib/key.h lib/lazy/openssl.h lib/sandbox.h \
	    lib/text.h lib/tls.h lib/word.h .flags
	$(CC) -std=c11 -D_DEFAULT_SOURCE $(WARN) -Ilib \
	    $$($(PKG_CONFIG) --cflags libbsd-overlay libcrypto) \
	    $(SECCOMP_CFLAGS) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ \
	    $(ESCAPE) $(OPENSSL_LIBS) $(BUILD_LIBS) $(LDLIBS)

test/tools/lacking: test/tools/lacking.o
	$(LINK) test/tools/lacking.o $(BUILD_LIBS) $(LDLIBS)

test/tools/pass: test/tools/pass.o
	$(LINK) test/tools/pass.o $(BUILD_LIBS) $(LDLIBS)

test/tools/powerloss: $(POWERLOSS)
	$(LINK) $(POWERLOSS) $(BUILD_LIBS) $(LDLIBS)

test/bench/load: $(LOAD) $(LIBCLIENT)
	$(LINK) $(LOAD) $(LIBCLIENT) $(TLS_LIBS) $(BUILD_LIBS) $(LDLIBS)

test/bench/bare: $(BARE)
	$(LINK) $(BARE) $(BUILD_LIBS) $(LDLIBS)

test/bench/putwatch: $(PUTWATCH) $(LIBCLIENT)
	$(LINK) $(PUTWATCH) $(LIBCLIENT) \
	    $$($(PKG_CONFIG) --libs libnghttp2) $(TLS_LIBS) $(BUILD_LIBS) \
	    $(LDLIBS)

test/bench/validate: $(VALIDATE)
	$(LINK) $(VALIDATE) $(BUILD_LIBS) $(LDLIBS)

lib/libchat.a: $(LIB)
	rm -f $@
	$(AR) rc $@ $(LIB)

lib/client/libclient.a: $(CLIENT)
	rm -f $@
	$(AR) rc $@ $(CLIENT)

$(OBJS) $(MAN): .flags

# Beside each object the compiler leaves a list of the headers that it has read.
.c.o:
	$(CC) $(BUILD_CFLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(OBJS:.o=.d)

# A page that could not be made must not look as if it had been.
.scd:
	sed 's/@VERSION@/$(VERSION)/' $< | $(SCDOC) > $@ || { rm -f $@; false; }

# With another version, compiler or flags than last time, all is built again.
FLAGS = $(VERSION) $(ETCD) $(LAZY) $(VALGRIND) $(CC) $(HARDEN) $(WARN) $(CPPFLAGS) $(CFLAGS) $(HARDEN_LD) $(LDFLAGS) \
	$(LDLIBS)
.flags: always
	@printf '%s\n' '$(FLAGS)' | cmp -s - $@ || printf '%s\n' '$(FLAGS)' > $@
always:

install: all install-completion install-log install-window
	$(INSTALL) -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(MANDIR)/man1' \
	    '$(DESTDIR)$(MANDIR)/man7' '$(DESTDIR)$(MANDIR)/man8'
	$(INSTALL) -m 755 $(BIN) '$(DESTDIR)$(BINDIR)'
	$(INSTALL) -m 644 man/chat.1 man/chat-recv.1 man/chat-send.1 \
	    man/chat-window.1 '$(DESTDIR)$(MANDIR)/man1'
	$(INSTALL) -m 644 man/chat.7 man/chat-log.7 man/chat-web.7 \
	    '$(DESTDIR)$(MANDIR)/man7'
	$(INSTALL) -m 644 man/chat-log.8 man/chatd.8 \
	    $(BIN_ETCD:chatd/etcd/chat-etcd=man/chat-etcd.8) \
	    '$(DESTDIR)$(MANDIR)/man8'
	$(INSTALL) -d '$(DESTDIR)$(SHAREDIR)/chat/web'
	$(INSTALL) -m 644 $(WEB) '$(DESTDIR)$(SHAREDIR)/chat/web'

# A shell looks for a file with the command's name; zsh finds all in one file.
install-completion:
	$(INSTALL) -d '$(DESTDIR)$(BASHDIR)' '$(DESTDIR)$(ZSHDIR)' \
	    '$(DESTDIR)$(FISHDIR)'
	$(INSTALL) -m 644 lib/completion/chat.bash '$(DESTDIR)$(BASHDIR)/chat'
	$(INSTALL) -m 644 lib/completion/chat.zsh '$(DESTDIR)$(ZSHDIR)/_chat'
	$(INSTALL) -m 644 lib/completion/chat.fish \
	    '$(DESTDIR)$(FISHDIR)/chat.fish'
	for name in $(COMPLETED); do \
	    ln -sf chat '$(DESTDIR)$(BASHDIR)/'$$name && \
	    ln -sf chat.fish '$(DESTDIR)$(FISHDIR)/'$$name.fish || exit; \
	done

# A machine can have a member of the log, and no chat-etcd.
install-log:
	$(INSTALL) -d '$(DESTDIR)$(BINDIR)'
	sed 's/@VERSION@/$(VERSION)/' chatd/etcd/chat-log \
	    > '$(DESTDIR)$(BINDIR)/chat-log'
	chmod 755 '$(DESTDIR)$(BINDIR)/chat-log'

# It is a script: there is nothing to build, and no Tk needed.
install-window:
	$(INSTALL) -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(DESKTOPDIR)' \
	    '$(DESTDIR)$(METAINFODIR)' '$(DESTDIR)$(ICONDIR)'
	sed 's/@VERSION@/$(VERSION)/' chat/window/chat-window.tcl \
	    > '$(DESTDIR)$(BINDIR)/chat-window'
	chmod 755 '$(DESTDIR)$(BINDIR)/chat-window'
	$(INSTALL) -m 644 chat/window/chat-window.desktop \
	    '$(DESTDIR)$(DESKTOPDIR)'
	$(INSTALL) -m 644 chat/window/$(METAINFO) '$(DESTDIR)$(METAINFODIR)'
	$(INSTALL) -m 644 chat/window/chat-window.svg '$(DESTDIR)$(ICONDIR)'

install-systemd:
	$(INSTALL) -d '$(DESTDIR)$(UNITDIR)'
	sed 's|@BINDIR@|$(BINDIR)|' chatd/chatd.service \
	    > '$(DESTDIR)$(UNITDIR)/chatd.service'
	chmod 644 '$(DESTDIR)$(UNITDIR)/chatd.service'
	$(INSTALL) -m 644 chatd/chatd.socket '$(DESTDIR)$(UNITDIR)'
	@echo 'To start it with the first connection, as root:'
	@echo '    systemctl daemon-reload'
	@echo '    systemctl enable --now chatd.socket'

# The directories stay: they may have been there before.
uninstall:
	cd '$(DESTDIR)$(BINDIR)' && rm -f chat chat-etcd chat-log chat-recv \
	    chat-send chat-window chatd
	cd '$(DESTDIR)$(MANDIR)' && rm -f man1/chat.1 man1/chat-recv.1 \
	    man1/chat-send.1 man1/chat-window.1 man7/chat.7 man7/chat-log.7 \
	    man7/chat-web.7 man8/chat-etcd.8 man8/chat-log.8 man8/chatd.8
	cd '$(DESTDIR)$(SHAREDIR)' && for file in $(WEB); do \
	    rm -f "chat/web/$${file##*/}"; done
	rm -f '$(DESTDIR)$(DESKTOPDIR)/chat-window.desktop' \
	    '$(DESTDIR)$(METAINFODIR)/$(METAINFO)' \
	    '$(DESTDIR)$(ICONDIR)/chat-window.svg'
	cd '$(DESTDIR)$(BASHDIR)' && rm -f chat $(COMPLETED)
	rm -f '$(DESTDIR)$(ZSHDIR)/_chat'
	cd '$(DESTDIR)$(FISHDIR)' && rm -f chat.fish $(COMPLETED:=.fish)
	rm -f '$(DESTDIR)$(UNITDIR)/chatd.service' \
	    '$(DESTDIR)$(UNITDIR)/chatd.socket'
	@echo 'If the units are enabled, as root:'
	@echo '    systemctl disable --now chatd.socket chatd.service'
	@echo '    systemctl daemon-reload'
	@echo 'A store stays where it is, in /var/lib/chatd if the unit has one.'

deps:
	@CC='$(CC)' CPPFLAGS='$(CPPFLAGS)' LDFLAGS='$(LDFLAGS)' \
	    test/deps.sh build

deps-check:
	@CC='$(CC)' CPPFLAGS='$(CPPFLAGS)' LDFLAGS='$(LDFLAGS)' \
	    test/deps.sh build check

# What is built is not what is to be looked at, unless it fails.
demo:
	@echo 'building ...'
	@$(MAKE) all >demo.log 2>&1 || { cat demo.log; rm -f demo.log; false; }
	@rm -f demo.log
	@test/demo.sh

check: all $(TEST_BIN)
	@VALGRIND=$(VALGRIND) FAST=$(FAST) test/run.sh $(SUITES)

dist:
	@.dist/tarball chat-$(VERSION)

# It packs the sources and builds them by themselves, with flags of its own.
deb:
	@CC='$(CC)' MAKE='$(MAKE)' .dist/deb $(VERSION)

lint: all
	@test/lint.sh

fuzz:
	@test/fuzz/run.sh $(FUZZ_SECONDS) $(HARNESSES)

# They wait more than they compute, so there are more of them than processors.
model: chatd/chatd test/model/model
	@test/model/model -j 4 -n $(MODEL_SEEDS) $(MODEL) chatd/chatd

torture: all $(TEST_BIN)
	@test/torture.sh $(TORTURE_SECONDS)

# No test: it measures, and fails nothing.
bench: $(BIN) $(BENCH_BIN)
	@test/bench/bench.sh $(BENCH)

clean:
	rm -f $(BIN) $(TEST_BIN) $(BENCH_BIN) $(OBJS) $(OBJS:.o=.d) \
	    $(LIBCLIENT) $(MAN) .flags chat-$(VERSION).tar.gz \
	    chat-tools_*.deb chat-etcd_*.deb chat-window_*.deb chat-web_*.deb
