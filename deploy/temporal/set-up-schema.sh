#!/bin/sh
# Makes both databases, and brings their tables up to this version of the tool. What is there stays, so
# it runs at every start, and is all that an upgrade needs. It reads SQL_PLUGIN, SQL_HOST, SQL_PORT,
# SQL_USER and SQL_PASSWORD, and the two names.
set -eu

set_up() {
  temporal-sql-tool --database "$1" create-database
  temporal-sql-tool --database "$1" setup-schema --version 0.0
  temporal-sql-tool --database "$1" update-schema --schema-name "postgresql/v12/$2"
}

set_up "${POSTGRES_DB:-temporal}" temporal
set_up "${POSTGRES_VISIBILITY_DB:-temporal_visibility}" visibility
