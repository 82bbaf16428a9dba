//! A host with a real Podman of its own: its store, its configuration and its state lie in a mount namespace that ends with the test.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a part of tests, of which each takes what it needs"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::btrfs::Host;
use crate::common::{Run, run_with};

/// Enough for containers on any machine that tests run on; nothing in it concerns storage.
const CONTAINERS_CONF: &str = r#"[containers]
default_sysctls = []
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"
pids_limit = 0
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
"#;

/// The unit of the container `web`, as NixOS makes it: removed when it stops, made anew when it starts.
const WEB: &str = r"#!/bin/sh
case $1 in
  start) exec podman run --detach --rm --replace --name web --network none --cgroups disabled --volume data:/data localhost/app:1 sleep 100000 ;;
  stop) podman stop --ignore --time 0 web; podman rm --force --ignore web ;;
esac
";

const ROOT: &str = "/var/lib/containers";
const SYSTEM: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

/// The programs that a move runs.
const PROGRAMS: [&str; 6] = ["btrfs", "podman", "rsync", "setpriv", "systemctl", "umount"];

/// A host with one workload `shop`, whose container is `web`.
pub struct PodmanHost {
    pub host: Host,
    namespace: Child,
}

impl PodmanHost {
    /// A host whose store is planned with this driver.
    pub fn new(driver: &str) -> Self {
        let host = Host::new(1, 1500);
        let plan = plan(&host, driver);
        host.apply(&plan);
        Self::on(host, driver)
    }

    /// A host whose plan is applied, and what of it is mounted already.
    pub fn on(host: Host, driver: &str) -> Self {
        let etc = host.path("etc");
        fs::create_dir(&etc).unwrap();
        for name in ["policy.json", "registries.conf"] {
            // Where the machine has one; else Podman's package has it elsewhere.
            drop(fs::copy(
                Path::new("/etc/containers").join(name),
                etc.join(name),
            ));
        }
        fs::write(etc.join("containers.conf"), CONTAINERS_CONF).unwrap();
        let namespace = Command::new("unshare")
            .args([
                "--mount",
                "--propagation",
                "private",
                "--",
                "sleep",
                "100000",
            ])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let own = fs::read_link("/proc/self/ns/mnt").unwrap();
        while fs::read_link(format!("/proc/{}/ns/mnt", namespace.id())).unwrap() == own {
            std::thread::sleep(Duration::from_millis(5));
        }
        let host = Self { host, namespace };
        host.configure(driver);
        host.mount(&etc);
        host
    }

    fn mount(&self, etc: &Path) {
        let device = &self.host.disks[0].device;
        fs::create_dir_all(ROOT).unwrap();
        let etc = etc.to_string_lossy();
        let mut calls = vec![
            vec![
                "mount",
                "-o",
                "noatime,compress=zstd:1,subvol=@containers",
                device,
                ROOT,
            ],
            vec!["mount", "--bind", &etc, "/etc/containers"],
            vec!["mount", "-t", "tmpfs", "none", "/run"],
            vec!["mount", "-t", "tmpfs", "none", "/dev/shm"],
        ];
        if !Path::new("/sys/fs/cgroup/cgroup.controllers").exists() {
            calls.push(vec!["mount", "-t", "cgroup2", "none", "/sys/fs/cgroup"]);
        }
        for call in calls {
            self.ok(call[0], &call[1..]);
        }
    }

    /// Configures Podman as planned with this driver, as a switch of NixOS does.
    pub fn configure(&self, driver: &str) {
        let text = format!(
            "[storage]\ndriver = \"{driver}\"\ngraphroot = \"{ROOT}/storage\"\nrunroot = \"/run/containers/storage\"\n"
        );
        fs::write(self.host.path("etc/storage.conf"), text).unwrap();
    }

    pub fn plan(&self, driver: &str) -> PathBuf {
        plan(&self.host, driver)
    }

    /// A command in the host's namespace.
    pub fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        let namespace = format!("--mount=/proc/{}/ns/mnt", self.namespace.id());
        command.args([&namespace, "--", program]).args(arguments);
        command
            .env_clear()
            .env("LC_ALL", "C.UTF-8")
            .env("HOME", self.host.path("."));
        let bin = self.host.path("bin");
        let path = format!("{}:{SYSTEM}", bin.display());
        command.env("PATH", path).stdin(Stdio::null());
        command
    }

    pub fn run(&self, program: &str, arguments: &[&str]) -> Run {
        run_with(self.command(program, arguments), "")
    }

    pub fn ok(&self, program: &str, arguments: &[&str]) -> String {
        let run = self.run(program, arguments);
        assert_eq!(run.code, 0, "{program} {arguments:?}: {}", run.shown());
        run.stdout
    }

    pub fn podman(&self, arguments: &[&str]) -> String {
        self.ok("podman", arguments)
    }

    pub fn migration(&self, plan: &Path, more: &[&str]) -> Command {
        let plan = plan.to_string_lossy();
        let (receipts, work) = (self.host.path("receipts"), self.host.path("work"));
        let (receipts, work) = (receipts.to_string_lossy(), work.to_string_lossy());
        let first = fs::read_to_string("/proc/1/comm").unwrap();
        let mut words = vec![
            "migrate-store",
            &plan,
            "--receipts",
            &receipts,
            "--work-directory",
            &work,
        ];
        if fs::read_dir("/proc/1/cwd").is_err() {
            words.extend(["--not-used-by", first.trim()]);
        }
        words.extend(more);
        self.command(env!("CARGO_BIN_EXE_podman-btrfs"), &words)
    }

    pub fn migrate(&self, plan: &Path, more: &[&str]) -> Run {
        run_with(self.migration(plan, more), "")
    }

    /// In front of each program that a move runs: counts the calls, and at a chosen one ends the caller before or after the program,
    /// or fails in its place.
    pub fn arm(&self) {
        let (here, armed) = (
            self.host.directory.path().display(),
            self.host.path("armed"),
        );
        fs::create_dir(&armed).unwrap();
        for program in PROGRAMS {
            let own = self.host.path("bin").join(program);
            let installed = SYSTEM
                .split(':')
                .map(|directory| Path::new(directory).join(program));
            let mut all = [own].into_iter().chain(installed);
            let real = all.find(|path| path.exists()).unwrap();
            let text = format!(
                "#!/bin/sh
read -r count < '{here}/count'; count=$((count + 1)); echo $count > '{here}/count'
read -r at when < '{here}/kill'
if [ \"$count\" = \"$at\" ]; then
  echo \"{program} $*\" > '{here}/hit'
  [ \"$when\" = fails ] && echo injected >&2 && exit 1
  [ \"$when\" = before ] && kill -9 $PPID && exit 1
fi
'{}' \"$@\"
status=$?
[ \"$count\" = \"$at\" ] && [ \"$when\" = after ] && kill -9 $PPID
exit $status
",
                real.display()
            );
            let path = armed.join(program);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    /// A move in which the program of this number does not go well; returns which one it was, if there were so many.
    pub fn disturbed(&self, mut migration: Command, at: u64, when: &str) -> (Run, Option<String>) {
        let hit = self.host.path("hit");
        drop(fs::remove_file(&hit));
        fs::write(self.host.path("kill"), format!("{at} {when}\n")).unwrap();
        fs::write(self.host.path("count"), "0\n").unwrap();
        let bin = self.host.path("bin");
        let path = format!(
            "{}:{}:{SYSTEM}",
            self.host.path("armed").display(),
            bin.display()
        );
        let output = migration.env("PATH", path).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let run = Run {
            code: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        };
        (run, fs::read_to_string(hit).ok())
    }

    /// How many programs the last such move ran.
    pub fn calls(&self) -> u64 {
        let text = fs::read_to_string(self.host.path("count")).unwrap();
        text.trim().parse().unwrap()
    }

    /// Where the store is, as this process sees it.
    pub fn store(&self) -> PathBuf {
        self.host.disks[0].top.join("@containers/storage")
    }

    /// The names beside the store, and the store.
    pub fn names(&self) -> Vec<String> {
        let all = fs::read_dir(self.host.disks[0].top.join("@containers")).unwrap();
        let mut names: Vec<String> = all
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        // What Podman knows of registries lies beside its store.
        names.retain(|name| name != "cache");
        names.sort();
        names
    }

    /// Makes images of every kind: with a name, with two, without one, by a digest, a list of several; and starts the container.
    pub fn furnish(&self) {
        let context = self.host.path("context");
        fs::create_dir_all(context.join("bin")).unwrap();
        fs::create_dir(context.join("data")).unwrap();
        fs::write(context.join("data/file"), "of the image\n").unwrap();
        fs::copy("/bin/busybox", context.join("bin/busybox")).unwrap();
        for applet in ["sh", "cat", "sleep", "true"] {
            std::os::unix::fs::symlink("busybox", context.join("bin").join(applet)).unwrap();
        }
        let (here, tar) = (context.to_string_lossy(), self.host.path("app.tar"));
        let tar = tar.to_string_lossy();
        self.ok(
            "tar",
            &["--create", "--file", &tar, "--directory", &here, "."],
        );
        self.podman(&[
            "import",
            "--quiet",
            "--change",
            "VOLUME /data",
            &tar,
            "localhost/app:1",
        ]);
        let recipe = self.host.path("recipe");
        fs::write(
            &recipe,
            "FROM localhost/app:1\nRUN echo hi > /hi\nRUN echo ho > /ho\n",
        )
        .unwrap();
        let recipe = recipe.to_string_lossy();
        let build = [
            "build",
            "--quiet",
            "--isolation=chroot",
            "--network=host",
            "--layers",
            "--file",
            &recipe,
        ];
        self.podman(
            &[
                &build[..],
                &["--tag=localhost/two:1", "--tag=localhost/two:2", &here],
            ]
            .concat(),
        );
        self.podman(
            &[
                &build[..],
                &["--format=docker", "--tag=localhost/gone:1", &here],
            ]
            .concat(),
        );
        let layout = self.host.path("layout");
        let layout = format!("dir:{}", layout.display());
        self.podman(&["push", "--quiet", "localhost/gone:1", &layout]);
        self.podman(&["rmi", "localhost/gone:1"]);
        let pulled = self.podman(&["pull", "--quiet", &layout]);
        self.podman(&["tag", pulled.trim(), "localhost/pulled:1"]);
        self.podman(&["manifest", "create", "localhost/list:1"]);
        self.podman(&[
            "manifest",
            "add",
            "localhost/list:1",
            "containers-storage:localhost/two:1",
        ]);
        self.podman(&[
            "volume",
            "create",
            "--label",
            "of=a test with = and blanks",
            "data",
        ]);
        self.podman(&["volume", "create", "unused"]);
        let elsewhere = self.host.path("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        let device = format!("device={}", elsewhere.display());
        self.podman(&[
            "volume",
            "create",
            "--opt=type=none",
            "--opt=o=bind",
            "--opt",
            &device,
            "bound",
        ]);
        let secret = self.host.path("secret");
        fs::write(&secret, "nobody knows\n").unwrap();
        self.podman(&["secret", "create", "word", &secret.to_string_lossy()]);
        let unit = self.host.path("units/podman-web.service.do");
        fs::write(&unit, WEB).unwrap();
        fs::set_permissions(&unit, fs::Permissions::from_mode(0o755)).unwrap();
        self.host.unit("podman-web.service", "inactive");
        self.ok("systemctl", &["start", "--", "podman-web.service"]);
    }

    /// What Podman says of images, volumes and secrets, but for what is of the driver and of the moment.
    pub fn told(&self) -> String {
        let mut told = String::new();
        let format = "{{.Id}} {{.Digest}} {{.RepoTags}} {{.RepoDigests}} {{.Parent}} {{.Config.Volumes}} {{.RootFS.Layers}}";
        let images = self.podman(&["images", "--all", "--quiet", "--no-trunc"]);
        let mut ids: Vec<&str> = images.lines().collect();
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            let id = id.trim_start_matches("sha256:");
            let run = self.run("podman", &["image", "inspect", "--format", format, id]);
            // A list of manifests is no image to `inspect`.
            told += &match run.code {
                0 => run.stdout,
                _ => self.podman(&["manifest", "inspect", id]),
            };
        }
        told += &self.podman(&[
            "volume",
            "ls",
            "--format",
            "{{.Name}} {{.Driver}} {{.Labels}}",
        ]);
        told += &self.podman(&["secret", "ls", "--format", "{{.ID}} {{.Name}}"]);
        told
    }

    /// The image that was pulled, by its digest.
    pub fn pulled(&self) -> String {
        let format = "localhost/pulled@{{.Digest}}";
        let name = self.podman(&["image", "inspect", "--format", format, "localhost/pulled:1"]);
        name.trim().to_owned()
    }

    /// What a container of an image prints.
    pub fn prints(&self, image: &str, command: &[&str]) -> String {
        let run = [
            "run",
            "--rm",
            "--pull=never",
            "--network=none",
            "--cgroups=disabled",
            image,
        ];
        self.podman(&[&run[..], command].concat())
    }

    pub fn driver(&self) -> String {
        let name = self.podman(&["info", "--format", "{{.Store.GraphDriverName}}"]);
        name.trim().to_owned()
    }
}

fn plan(host: &Host, driver: &str) -> PathBuf {
    const SHOP: &str = r#"{
      "filesystems": {"tank": {"device": "DISK0", "mountPoint": "/srv/podman-btrfs-test"}},
      "engine": {"driver": "DRIVER"},
      "workloads": {"shop": {"containers": {"web": {}}}}
    }"#;
    host.plan(driver, &SHOP.replace("DRIVER", driver))
}

impl Drop for PodmanHost {
    fn drop(&mut self) {
        for arguments in [
            &["stop", "--all", "--time", "0"][..],
            &["rm", "--all", "--force"],
        ] {
            let _ = self
                .command("podman", arguments)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
        }
        let _ = self.namespace.kill();
        let _ = self.namespace.wait();
    }
}
