#!/bin/bash
# A development CA and certificates for the four services, some operators and workloads; what is
# there stays.
#   pki.sh DIR [TRUST_DOMAIN [OPERATOR|workload/NAME…]]
# Makes DIR/ca.crt, DIR/<service>.{crt,key}, DIR/operator-<name>.{crt,key} and
# DIR/workload-<name>.{crt,key}; keys have mode 0600.
set -euo pipefail
umask 077
dir=$1 domain=${2:-keyward.local}
shift $(($# < 2 ? $# : 2))
clients=("${@:-admin}")
readonly DAYS=365
mkdir -p "$dir"

quiet() { # openssl talks on stderr even when all is well
  local said
  said=$("$@" 2>&1) || {
    echo "$said" >&2
    return 1
  }
}

new_key() { quiet openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }

# An existing certificate is kept unless it ends within a week or is another CA's.
good() {
  [[ -s $dir/$1.crt && -s $dir/$1.key ]] &&
    openssl x509 -in "$dir/$1.crt" -noout -checkend 604800 >/dev/null &&
    openssl verify -CAfile "$dir/ca.crt" "$dir/$1.crt" >/dev/null 2>&1
}

make_ca() {
  good ca && return
  new_key "$dir/ca.key"
  quiet openssl req -x509 -new -key "$dir/ca.key" -sha256 -days $((DAYS * 5)) -out "$dir/ca.crt" \
    -subj "/O=Keyward development/CN=Keyward development CA" \
    -addext "basicConstraints=critical,CA:TRUE,pathlen:0" \
    -addext "keyUsage=critical,keyCertSign,cRLSign" \
    -addext "subjectAltName=URI:spiffe://$domain"
}

# certificate FILE SPIFFE_PATH EXTENDED_KEY_USAGE MORE_NAMES
certificate() {
  good "$1" && return
  new_key "$dir/$1.key"
  local extensions
  extensions=$(printf '%s\n' \
    "basicConstraints=critical,CA:FALSE" \
    "keyUsage=critical,digitalSignature" \
    "extendedKeyUsage=$3" \
    "subjectAltName=URI:spiffe://$domain/$2$4" \
    "subjectKeyIdentifier=hash" \
    "authorityKeyIdentifier=keyid")
  openssl req -new -key "$dir/$1.key" -subj "/O=Keyward development/CN=$1" |
    quiet openssl x509 -req -sha256 -days "$DAYS" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" \
      -set_serial "0x$(openssl rand -hex 16 | sed 's/^./1/')" \
      -extfile <(printf '%s\n' "$extensions") -out "$dir/$1.crt"
}

make_ca
for service in key_vault managed_identity encryption model_deployment; do
  certificate "$service" "service/$service" serverAuth,clientAuth ",DNS:localhost,IP:127.0.0.1"
done
for client in "${clients[@]}"; do
  [[ $client == */* ]] || client=operator/$client
  certificate "${client/\//-}" "$client" clientAuth ""
done
chmod 644 "$dir"/*.crt
chmod 600 "$dir"/*.key
