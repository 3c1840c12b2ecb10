#!/bin/sh
# Write what the servers of compose.yaml share into deploy/cluster/secrets, each once: a file that is
# there stays as it is. Keep a copy of root-key elsewhere: without it no key in the records works.
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p secrets
chmod 700 secrets
cd secrets

random() { head -c "$1" /dev/urandom | base64 | tr -d '+/=\n'; }
key_id() { printf 'AKIA%s' "$(head -c 400 /dev/urandom | base64 | tr -dc 'A-Z2-7' | cut -c 1-16)"; }

test -s root-key || head -c 32 /dev/urandom | base64 >root-key
test -s postgres-password || random 36 >postgres-password
test -s ray-token || random 48 >ray-token
test -s records || cat >records <<END
[lensmith]
host=postgres
dbname=lensmith
user=lensmith
password=$(cat postgres-password)
END
# The servers' key of S3, and one for people: `lensmith user create NAME --key-file` takes it, and it
# reaches buckets whose names begin with custom-labels.
test -s s3-credentials || cat >s3-credentials <<END
[default]
aws_access_key_id = $(key_id)
aws_secret_access_key = $(random 36)
END
test -s person-key || printf '%s,%s\n' "$(key_id)" "$(random 36)" >person-key
value() { sed -n "s/^$1 = //p" s3-credentials; }
test -s s3-identities || cat >s3-identities <<END
{"identities": [
  {"name": "lensmith", "actions": ["Admin"],
   "credentials": [{"accessKey": "$(value aws_access_key_id)", "secretKey": "$(value aws_secret_access_key)"}]},
  {"name": "person", "actions": ["Admin:custom-labels*"],
   "credentials": [{"accessKey": "$(cut -d , -f 1 person-key)", "secretKey": "$(cut -d , -f 2 person-key)"}]}
]}
END

# Compose shows a container the file with the owner that it has here.
if test "$(id -u)" = 0; then
  chmod 400 -- *
  chown 7400:7400 root-key person-key ray-token records s3-credentials s3-identities
  chown 999:999 postgres-password
  test ! -e certificate || chown 99:99 certificate
else
  chmod 444 -- * # behind a directory that only you can enter
fi
