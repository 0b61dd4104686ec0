#!/usr/bin/env bash
# Signs an image by its digest with a certificate of one's own PKI, and has Signet verify what lies in the registry then.
# Usage: SIGN_KEY=cosign.key SIGN_CERTIFICATE=leaf.pem SIGN_CHAIN=chain.pem SIGN_ROOTS=root.pem
#        SIGN_IDENTITY=release@example.org SIGN_ISSUER=https://example.org
#        deploy/release/sign.sh IMAGE@sha256:... [FLAG OF "signet verify"]...
# COSIGN and SIGNET name the programs; COSIGN_PASSWORD opens the key.
set -euo pipefail

fail() {
  echo "sign: $1" >&2
  exit 64
}

image=${1:-}
[[ "$image" =~ @sha256:[0-9a-f]{64}$ ]] || fail "give the image by its digest, IMAGE@sha256:..., not '$image': a tag may move"
shift
for name in SIGN_KEY SIGN_CERTIFICATE SIGN_CHAIN SIGN_ROOTS SIGN_IDENTITY SIGN_ISSUER; do
  [[ -n "${!name:-}" ]] || fail "$name is not set"
done
for name in SIGN_KEY SIGN_CERTIFICATE SIGN_CHAIN SIGN_ROOTS; do
  [[ -r "${!name}" ]] || fail "$name: cannot read ${!name}"
done

"${COSIGN:-cosign}" sign --yes --key "$SIGN_KEY" --certificate "$SIGN_CERTIFICATE" --certificate-chain "$SIGN_CHAIN" \
  --use-signing-config=false --tlog-upload=false "$image" </dev/null
"${SIGNET:-signet}" verify "$image" --ca-roots "$SIGN_ROOTS" --certificate-identity "$SIGN_IDENTITY" \
  --certificate-oidc-issuer "$SIGN_ISSUER" "$@"
