#!/bin/sh
# SPDX-License-Identifier: ISC
# Becomes a systemd that sees nothing of the machine's: systemd_box.sh SYSTEMD INSTALLED FOLDER UNITS,
# as process 1 of namespaces of its own (unshare --mount --pid --cgroup --ipc --uts --net). Its root is
# the machine's with INSTALLED laid over it, what it writes is gone with it, and of units it knows
# those in UNITS, besides what it cannot do without. FOLDER is empty, and stays so outside.
set -eu

systemd=$1 installed=$2 folder=$3 units=$4

mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$folder"
mkdir "$folder/upper" "$folder/work" "$folder/root"
cp -a "$installed/." "$folder/upper"
mount -t overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" overlay "$folder/root"
cd "$folder/root"

mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
[ -d sys/fs/cgroup ]
mount -t cgroup2 cgroup2 sys/fs/cgroup
for place in run dev; do
	mount -t tmpfs -o mode=755 tmpfs "$place"
done
mount -t tmpfs -o mode=1777 tmpfs tmp
for device in null zero full random urandom tty; do
	: >"dev/$device"
	mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd

# Units: none of the machine's, some of systemd's own, and targets that wait for nothing.
rm -rf etc/systemd etc/stint var/lib/stint var/log/journal etc/fstab
mkdir -p etc/systemd/system etc/systemd/user etc/systemd/targets
for unit in system/systemd-journald.service system/systemd-journald.socket \
    system/systemd-journald-dev-log.socket user/systemd-exit.service user/exit.target; do
	ln -s "${systemd%/*}/$unit" "etc/systemd/$unit"
done
for target in sysinit basic multi-user shutdown sockets timers paths slices default; do
	printf '[Unit]\nDefaultDependencies=no\n' >"etc/systemd/targets/$target.target"
done
printf '[Unit]\nRequires=systemd-journald.service basic.target\nAfter=systemd-journald.service\n' \
    >etc/systemd/system/box.target
: >etc/machine-id

# A user, and a systemd of that user's, as a login would start it.
echo 'ada:x:60123:60123::/home/ada:/bin/sh' >>etc/passwd
echo 'ada:x:60123:' >>etc/group
mkdir -p home
mkdir -m 700 home/ada
chown 60123:60123 home/ada
cat >etc/systemd/system/ada.service <<END
[Service]
Type=notify
User=ada
ExecStart=$systemd --user --unit=basic.target
RuntimeDirectory=user/60123
RuntimeDirectoryMode=0700
Environment=XDG_RUNTIME_DIR=/run/user/60123
Environment=SYSTEMD_UNIT_PATH=/home/ada/.config/systemd/user:$units/user:/etc/systemd/user:/etc/systemd/targets
Delegate=yes
KillMode=mixed
TimeoutStopSec=20
END

mkdir -p old
pivot_root . old
umount -l old
cd /
exec env -i container=other PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    SYSTEMD_UNIT_PATH="/etc/systemd/system:$units/system:/etc/systemd/targets" \
    "$systemd" --system --unit=box.target --show-status=no </dev/null >/dev/null 2>&1
