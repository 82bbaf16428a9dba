"""What the checks tell Podman, where it runs beside the host's."""

# Enough for a container on hosts whose cgroup v2 tree has no controllers; nothing of it concerns storage.
CONTAINERS_CONF = """\
[containers]
pids_limit = 0
default_sysctls = []
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
"""
