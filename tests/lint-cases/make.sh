#!/bin/sh
# Makes the certificates and keys of these cases anew; their private keys are thrown away.
set -eu
cd "$(dirname "$0")"
keys=$(mktemp -d)
trap 'rm -rf "$keys"' EXIT

ca() { # name, days, issuer, extensions
  openssl req -new -key "$keys/$1.key" -subj "/O=Linuxera/CN=$1" -out "$keys/$1.csr"
  printf '%s\n' "$4" > "$keys/$1.ext"
  if [ "$3" = "$1" ]; then
    openssl x509 -req -in "$keys/$1.csr" -signkey "$keys/$1.key" -days "$2" -extfile "$keys/$1.ext" -out "$1.pem"
  else
    openssl x509 -req -in "$keys/$1.csr" -CA "$3.pem" -CAkey "$keys/$3.key" -CAcreateserial -CAserial "$keys/serial" \
      -days "$2" -extfile "$keys/$1.ext" -out "$1.pem"
  fi
}
for name in root intermediate leaf ending; do
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$keys/$name.key"
done
is_ca=$(printf 'basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash')
ca root 36500 root "$is_ca"
ca intermediate 36499 root "$is_ca"
ca leaf 36498 intermediate "$(printf 'basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature\nsubjectAltName=email:team-a@linuxera.org')"
ca ending 60 ending "$is_ca"
openssl genrsa -out "$keys/weak.key" 1024
openssl pkey -in "$keys/weak.key" -pubout -out weak-key.pub
openssl pkey -in "$keys/leaf.key" -pubout -out key.pub
