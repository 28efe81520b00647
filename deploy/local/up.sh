# keyward up [--data-dir DIR] [--port-base PORT]: starts the services and leaves them running.
set -euo pipefail
source deploy/local/lib.sh
source deploy/local/setup.sh
source deploy/local/services.sh
parse_place "$@"
((${#REST[@]} == 0)) || die "up does not know ${REST[0]}"

check_place
setup build
say "Building the services"
build_targets "${KEYWARD_SERVICES[@]/#///services/}"
say "Starting the services in $DATA_DIR"
start_all
say "All four serve:"
print_ports
say "An operator's calls, for instance:"
cat <<END
   export PATH=$KEYWARD_CACHE/bin:\$PATH    # where grpcurl is
   grpcurl -cacert $DATA_DIR/pki/ca.crt -cert $DATA_DIR/pki/operator-admin.crt \\
     -key $DATA_DIR/pki/operator-admin.key $(_address key_vault) list

   Logs are in $DATA_DIR/log. Stop with: ./keyward down --data-dir $DATA_DIR
END
