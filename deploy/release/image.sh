#!/usr/bin/env bash
# Builds the image of ../../Dockerfile without a Docker engine: mmdebstrap makes the base out of Debian's packages, buildah
# does what the Dockerfile says, in a chroot. Usage, as root: deploy/release/image.sh FOLDER
# FOLDER gets signet.oci.tar, the image's root file system in rootfs/, its packages in signet.spdx.json, what was printed in
# build.log, and signet, which starts the program with the image's own libraries.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

fail() {
  echo "image: $1" >&2
  exit 64
}

base=docker.io/library/debian:trixie-slim
out=${1:-}
[[ -n "$out" ]] || fail "name the folder for the image: deploy/release/image.sh FOLDER"
((EUID == 0)) || fail "run this as root: mmdebstrap and buildah change owners and roots"
for program in mmdebstrap buildah; do
  command -v "$program" >/dev/null || fail "$program is missing: apt-get install buildah mmdebstrap"
done
mkdir -p "$out"
out=$(cd "$out" && pwd)
version=$(sed -n 's/^project(signet VERSION \([0-9.]*\) .*/\1/p' CMakeLists.txt)
buildah() { command buildah --storage-driver vfs --root "$out/storage" --runroot "$out/run" "$@"; }

if ! buildah inspect --type image "$base" >/dev/null 2>&1; then
  mmdebstrap --variant=minbase trixie "$out/base.tar" ${SIGNET_MIRROR:+"$SIGNET_MIRROR"}
  work=$(buildah from scratch)
  buildah add --quiet "$work" "$out/base.tar" /
  buildah config --cmd bash "$work"
  buildah commit --quiet --rm "$work" "$base"
  rm "$out/base.tar"
fi
mkdir -p "$out/sbom"
buildah bud --isolation chroot --pull-never --network host --volume "$out/sbom:/sbom" --build-arg "VERSION=$version" \
  --build-arg "REVISION=$(git rev-parse HEAD 2>/dev/null || true)" --tag "signet:$version" . 2>&1 | tee "$out/build.log"
mv "$out/sbom/signet.spdx.json" "$out/signet.spdx.json"
rm -rf "$out/rootfs" "$out/signet.oci.tar" "$out/sbom"
buildah push --quiet "signet:$version" "oci-archive:$out/signet.oci.tar:signet:$version"
work=$(buildah from --pull-never "signet:$version")
cp -a "$(buildah mount "$work")" "$out/rootfs"
buildah umount "$work" >/dev/null
buildah rm "$work" >/dev/null

cat >"$out/signet" <<'END'
#!/usr/bin/env bash
# The program of the image with the image's own libraries, on any Linux of its processor.
root=$(dirname "${BASH_SOURCE[0]}")/rootfs
exec "$root"/usr/lib64/ld-linux-x86-64.so.2 --library-path "$root/usr/lib/x86_64-linux-gnu" "$root/usr/bin/signet" "$@"
END
chmod 0755 "$out/signet"
"$out/signet" --version
