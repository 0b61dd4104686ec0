#!/usr/bin/env bash
# Makes the root file system of the image: root.sh PROGRAM FOLDER. The program, its loader, the shared libraries that it names,
# CA certificates, and the user 65532.
set -euo pipefail

program=$1 root=$2
if [[ ! -x "$program" ]]; then
  echo "root: $program is no program" >&2
  exit 64
fi
mkdir -p "$root/usr/bin" "$root/etc/ssl/certs" "$root/usr/lib/ssl"
strip -o "$root/usr/bin/signet" "$program"
chmod 0755 "$root/usr/bin/signet"

# Each library under the name by which it is asked for; /lib and /lib64 are links to /usr, as Debian has them.
ln -s usr/lib "$root/lib"
ln -s usr/lib64 "$root/lib64"
ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
  install -D -m 0755 "$library" "$root/usr/${library#/}"
done
if [[ -d "$root/usr/usr" ]]; then
  cp -a "$root/usr/usr/." "$root/usr"
  rm -r "$root/usr/usr"
fi

cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
ln -s /etc/ssl/certs "$root/usr/lib/ssl/certs"
ln -s /etc/ssl/certs/ca-certificates.crt "$root/usr/lib/ssl/cert.pem"
echo 'signet:x:65532:65532:signet:/:/nonexistent' >"$root/etc/passwd"
echo 'signet:x:65532:' >"$root/etc/group"
