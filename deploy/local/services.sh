# Starting and stopping the four servers as processes. Sourced after lib.sh and setup.sh.

_pid_of() { cat "$DATA_DIR/run/$1.pid" 2>/dev/null || true; }

# Whether the recorded process is alive and still that server, not a later process of the same number.
_running() {
  local pid
  pid=$(_pid_of "$1")
  [[ -n $pid && $(tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | head -n 1) == */$1 ]]
}

_address() { echo "127.0.0.1:$((PORT_BASE + $(port_offset "$1") + ${2:-0}))"; }

# The issuer of tokens, below which OpenID discovery is.
issuer() { echo "https://localhost:$((PORT_BASE + $(port_offset managed_identity) + 3))"; }

# Whether something listens at a port of the loopback interface.
_taken() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# check_place: dies unless the suite can be started here: what already runs in the data directory runs
# at this port base, and nobody else has a port of those that do not run yet.
check_place() {
  local service offset port at
  at=$(cat "$DATA_DIR/run/port_base" 2>/dev/null || true)
  if [[ -n $at && $at != "$PORT_BASE" ]] && any_running; then
    die "the suite of $DATA_DIR runs at port base $at, not $PORT_BASE; use --port-base $at, or stop it" \
      "first: ./keyward down --data-dir $DATA_DIR"
  fi
  for service in "${KEYWARD_SERVICES[@]}"; do
    if _running "$service"; then continue; fi
    for offset in $(port_offsets "$service"); do
      port=$((PORT_BASE + $(port_offset "$service") + offset))
      if _taken "$port"; then
        die "port $port is taken (another suite? ./keyward down --data-dir DIR stops the one of DIR);" \
          "choose another --port-base"
      fi
    done
  done
}

# The flags of one server, one a line.
_flags() {
  local service=$1 home=$DATA_DIR/$1 pki=$DATA_DIR/pki
  printf '%s\n' \
    "--listen=$(_address "$service")" \
    "--metrics_listen=$(_address "$service" 1)" \
    "--health_listen=$(_address "$service" 2)" \
    "--tls_certificate=$pki/$service.crt" \
    "--tls_private_key=$pki/$service.key" \
    "--tls_ca=$pki/ca.crt" \
    "--trust_domain=$KEYWARD_TRUST_DOMAIN" \
    "--database=sqlite:$home/$service.db" \
    "--root_key_file=$home/root.key"
  case $service in
    managed_identity)
      echo "--bootstrap_administrator=spiffe://$KEYWARD_TRUST_DOMAIN/operator/admin"
      echo "--oidc_listen=$(_address managed_identity 3)"
      echo "--issuer=$(issuer)"
      ;;
    key_vault)
      echo "--managed_identity=$(_address managed_identity)"
      ;;
    encryption)
      echo "--managed_identity=$(_address managed_identity)"
      echo "--key_vault=$(_address key_vault)"
      ;;
    model_deployment)
      echo "--managed_identity=$(_address managed_identity)"
      echo "--encryption=$(_address encryption)"
      echo "--blob_dir=$home/blobs"
      ;;
  esac
}

# start_service NAME: starts it detached, unless it runs already. Order does not matter.
start_service() {
  local service=$1 home=$DATA_DIR/$1 flags
  if _running "$service"; then
    note "$service runs already (process $(_pid_of "$service"))"
    return
  fi
  mkdir -p "$home" "$DATA_DIR"/{run,log}
  [[ $service != model_deployment ]] || mkdir -p "$home/blobs"
  mapfile -t flags < <(_flags "$service")
  setsid "$(built "//services/$service:$service")" "${flags[@]}" \
    >>"$DATA_DIR/log/$service.log" 2>&1 </dev/null &
  echo $! >"$DATA_DIR/run/$service.pid"
}

_healthy() {
  grpcurl -plaintext -max-time 2 -import-path protos \
    -proto grpc/health/v1/health.proto "$(_address "$1" 2)" grpc.health.v1.Health/Check \
    2>/dev/null | grep -q '"SERVING"'
}

# await_service NAME: returns once its health port says SERVING; fails if it ends or takes a minute.
await_service() {
  local service=$1 deadline=$((SECONDS + 60))
  # What answers at the port may be another's, so the process is looked at again afterwards.
  until _running "$service" && _healthy "$service" && _running "$service"; do
    if ! _running "$service" || ((SECONDS > deadline)); then
      tail -n 20 "$DATA_DIR/log/$service.log" >&2
      die "$service is not ready (log: $DATA_DIR/log/$service.log)"
    fi
    sleep 0.1
  done
  note "$service serves at $(_address "$service")"
}

start_all() {
  local service
  umask 077
  check_place
  mkdir -p "$DATA_DIR/run"
  echo "$PORT_BASE" >"$DATA_DIR/run/port_base"
  deploy/local/pki.sh "$DATA_DIR/pki" "$KEYWARD_TRUST_DOMAIN" admin key_owner developer auditor workload/demo
  for service in "${KEYWARD_SERVICES[@]}"; do start_service "$service"; done
  for service in "${KEYWARD_SERVICES[@]}"; do await_service "$service"; done
}

# print_ports: where each service listens.
print_ports() {
  local service
  printf '   %-18s %-18s %-32s %s\n' service gRPC metrics health
  for service in "${KEYWARD_SERVICES[@]}"; do
    printf '   %-18s %-18s %-32s %s\n' "$service" "$(_address "$service")" \
      "http://$(_address "$service" 1)/metrics" "$(_address "$service" 2)"
  done
  printf '   %s\n' "OpenID discovery: $(issuer)/.well-known/openid-configuration"
}

# any_running: whether any of the four runs.
any_running() {
  local service
  for service in "${KEYWARD_SERVICES[@]}"; do
    if _running "$service"; then return 0; fi
  done
  return 1
}

# stop_all: SIGTERM, then waits for each to drain; SIGKILL only after half a minute.
stop_all() {
  local service pid
  for service in "${KEYWARD_SERVICES[@]}"; do
    if _running "$service"; then kill -TERM "$(_pid_of "$service")"; fi
  done
  for service in "${KEYWARD_SERVICES[@]}"; do
    if _running "$service"; then
      pid=$(_pid_of "$service")
      if ! timeout 30 tail --pid="$pid" -f /dev/null; then
        note "$service did not drain in 30 s; killing it"
        kill -KILL "$pid"
      fi
    fi
    rm -f "$DATA_DIR/run/$service.pid"
  done
  rm -f "$DATA_DIR/run/port_base"
}
