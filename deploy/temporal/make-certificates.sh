#!/bin/sh
# Certificates for deploy/mtls.yml, to try it out: an authority of its own, which is kept nowhere else, one
# certificate of the server and one of a client, for 30 days. In production your own authority signs them, and
# these files have the same names. Needs openssl.
set -eu

folder=${1:?"say where: sh $0 FOLDER"}
if [ -e "$folder/ca.key" ]; then
  echo "$folder has certificates already; take them away first, or name another folder." >&2
  exit 1
fi
umask 022
# The folder is closed to others; what is in it and mounted may be read by the users that containers run as.
mkdir -p "$folder/server" "$folder/client"
chmod 700 "$folder"
cd "$folder"
# What openssl says is told where it fails.
exec 3>&2 2>openssl.log
trap 'test $? = 0 || cat openssl.log >&3; rm -f openssl.log' EXIT

openssl req -x509 -newkey rsa:2048 -nodes -sha256 -days 30 -subj '/CN=account-vending, for trying it out' \
  -keyout ca.key -out ca.pem

# NAME FOLDER EXTENSIONS
certificate() {
  openssl req -newkey rsa:2048 -nodes -sha256 -subj "/CN=$1" -keyout "$2/$1.key" -out "$1.csr"
  printf '%s\n' "basicConstraints=CA:FALSE" "$3" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -sha256 -days 30 \
    -extfile "$1.ext" -out "$2/$1.pem"
  rm "$1.csr" "$1.ext"
  chmod 644 "$2/$1.key"
  cp ca.pem "$2/ca.pem"
}

# The server's own system worker shows it as a client.
certificate temporal server 'extendedKeyUsage=serverAuth,clientAuth
subjectAltName=DNS:temporal,DNS:localhost,IP:127.0.0.1'
certificate client client 'extendedKeyUsage=clientAuth'

echo "$folder has an authority and certificates until $(openssl x509 -in ca.pem -noout -enddate | cut -d= -f2)."
