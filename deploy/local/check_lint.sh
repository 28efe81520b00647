# check_lint: the protos are as buf.yaml wants them. Sourced by check.sh.

check_lint() {
  local image
  image=$(mktemp --suffix=.bin)
  # protoc finds what they import, which is not all below protos/.
  find protos -name '*.proto' -printf '%P\0' |
    xargs -0 protoc -Iprotos -Ithird_party/googleapis --include_imports --include_source_info \
      --descriptor_set_out="$image" &&
    buf lint "$image" --config buf.yaml
  local result=$?
  rm -f "$image"
  return "$result"
}
