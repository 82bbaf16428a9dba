for volume in "$@"; do date +%s > "$volume/started-$HOSTNAME"; done; sync; trap exit TERM; sleep infinity & wait
