# chroot.bash - a Debian in a directory of its own, for .ci/debian and others
#
# Who reads it in sets $RELEASE, and $directory to where the Debian is or is to
# be. It comes from the mirror that this system's apt uses. Status 77: there is
# none, or it can't be reached, or what runs us may not do it, so nothing is
# known.
# shellcheck shell=bash disable=SC2154

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

absent() {
	echo "${0##*/}: not reachable here: $*" >&2
	exit 77
}

# alone COMMAND...: with mounts and processes that end with it, however it ends.
alone() {
	unshare --mount --pid --fork --kill-child "$@"
}

# inside COMMAND...: in the Debian. Its first process takes in all orphans, so
# it is one that waits. Its root is a mount, and the only one, since the kernel
# makes no namespaces for users in a mere chroot.
inside() {
	# shellcheck disable=SC2016 # the inner shell is to expand it
	alone sh -c '
		mount --bind "$0" "$0" && cd "$0" &&
		    mount -t proc proc proc && mount --rbind /dev dev &&
		    mount -t tmpfs tmpfs dev/shm && pivot_root . . &&
		    umount -l . && cd / || exit
		"$@" &
		wait $!' "$directory" env -i HOME=/root TERM=dumb LC_ALL=C.UTF-8 \
	    PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	    DEBIAN_FRONTEND=noninteractive "$@"
}

install() { # PACKAGE...
	# shellcheck disable=SC2016 # the inner shell is to expand it
	inside sh -c 'apt-get -q update &&
	    apt-get -q -y --no-install-recommends install "$@"' - "$@" ||
	    die "can't install $*"
}

# What runs us may not allow it.
may_mount() {
	[ "$(id -u)" -eq 0 ] || absent 'only root can do it'
	alone mount -t tmpfs tmpfs /tmp || absent 'no mounts of our own'
}

# find_mirror: sets $mirror, and $http_proxy if apt has one.
find_mirror() {
	command -v apt-get >/dev/null || absent 'there is no apt'
	# shellcheck disable=SC2016 # apt is to expand it
	mirror=$(apt-get indextargets --format '$(REPO_URI)' \
	    'Identifier: Packages' 'Origin: Debian' 'Label: Debian' | head -n 1)
	[ -n "$mirror" ] || absent 'apt knows no mirror of Debian'
	mirror=${mirror%/}
	/usr/lib/apt/apt-helper -o APT::Sandbox::User= download-file \
	    "$mirror/dists/$RELEASE/Release" "$directory.release" ||
	    absent "$RELEASE in $mirror"
	eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
	export http_proxy
}

# bootstrap: make the Debian, as small as it gets.
bootstrap() {
	local mirror http_proxy=

	may_mount
	rm -rf "$directory"
	find_mirror
	alone debootstrap --variant=minbase "$RELEASE" "$directory" "$mirror" ||
	    die "debootstrap: no $RELEASE from $mirror"
	# How to reach it is as here.
	apt-config dump | grep '^Acquire::' >"$directory/etc/apt/apt.conf.d/00here"
}

# copy_tree: to /root/chat in the Debian, without what git keeps.
copy_tree() {
	rm -rf "$directory/root/chat" && mkdir "$directory/root/chat" &&
	    tar -cf - --exclude=./.git . | tar -xf - -C "$directory/root/chat" || exit
}
