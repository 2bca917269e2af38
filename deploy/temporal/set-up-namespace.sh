#!/bin/sh
# Makes the namespace and its search attributes; what is there stays. It reads TEMPORAL_ADDRESS,
# TEMPORAL_NAMESPACE, and TEMPORAL_RETENTION.
set -eu

namespace=${TEMPORAL_NAMESPACE:-default}
attributes='VendStage VendRequestId VendAccountId VendEscalation VendOrganizationalUnit'
seconds=120

# The port is open before the services behind it have found one another.
until said=$(temporal operator cluster health 2>&1); do
  seconds=$((seconds - 2))
  if [ "$seconds" -le 0 ]; then
    echo "Temporal at ${TEMPORAL_ADDRESS:-localhost:7233} is not healthy after 2 minutes: $said" >&2
    exit 1
  fi
  sleep 2
done

temporal operator namespace describe --namespace "$namespace" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$namespace" --retention "${TEMPORAL_RETENTION:-30d}" \
    --description 'Vends of AWS accounts'

flags=''
for name in $attributes; do flags="$flags --name $name --type Keyword"; done
# The server takes a moment to see a namespace that it has just made.
until said=$(temporal operator search-attribute create --namespace "$namespace" $flags 2>&1); do
  seconds=$((seconds - 2))
  if [ "$seconds" -le 0 ]; then
    echo "The search attributes of $namespace cannot be registered: $said" >&2
    exit 1
  fi
  sleep 2
done
echo "Namespace $namespace is ready, with $attributes."
