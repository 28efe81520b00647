# check_lint: the protos are as buf.yaml wants them. Sourced by check.sh.

check_lint() { buf lint protos --config buf.yaml; }
