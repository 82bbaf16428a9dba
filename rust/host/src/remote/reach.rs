//! How a program is run where a target is: here, or by ssh.
//!
//! ssh hands one text to a shell on the other side. Every word of ours is put into it quoted, so that it arrives as the word it was; a
//! receiver's guard (`modules/receiver/guard.sh`) knows the texts that are made so.

use std::path::PathBuf;
use std::time::Duration;

use podman_btrfs_core::units::TargetUrl;

use crate::system::{Fault, System};

/// What keeps a run from asking, waiting for ever, or trusting a host that nobody named.
const OPTIONS: [&str; 7] = [
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    "ConnectTimeout=15",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=4",
    "ForwardAgent=no",
    "ForwardX11=no",
];

/// How long a question may take: all are answered by metadata, and a disk that slept is up within seconds. A disk there that hangs
/// keeps its host answering, so that ssh would wait for ever.
const PATIENCE: Duration = Duration::from_secs(2 * 60);

/// What ssh says of a host that is away, or whose network is. All else it ends with is for a person to mend.
const AWAY: [&str; 12] = [
    "Could not resolve hostname",
    "Connection refused",
    "Connection timed out",
    "Connection reset",
    "Connection closed",
    "No route to host",
    "Network is unreachable",
    "Operation timed out",
    "Host is down",
    "Broken pipe",
    "not responding",
    "closed by remote host",
];

/// Where a target's programs run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// On this host.
    Here,
    /// Where ssh leads to.
    Ssh {
        host: String,
        port: Option<String>,
        user: Option<String>,
        identity: Option<PathBuf>,
    },
}

impl Reach {
    pub(super) fn of(url: &TargetUrl, identity: Option<PathBuf>) -> Self {
        match url.host() {
            None => Self::Here,
            Some((host, port)) => Self::Ssh {
                host: host.to_owned(),
                port: port.map(str::to_owned),
                user: url.user().map(str::to_owned),
                identity,
            },
        }
    }

    /// The command here that runs a program there; `as_root`: with root's rights.
    pub(super) fn command(&self, as_root: bool, asked: &[&str]) -> Vec<String> {
        let Self::Ssh {
            host,
            port,
            user,
            identity,
        } = self
        else {
            return asked.iter().map(|word| (*word).to_owned()).collect();
        };
        let mut words = vec!["ssh".to_owned(), "-T".to_owned()];
        for option in OPTIONS {
            words.extend(["-o".to_owned(), option.to_owned()]);
        }
        if let Some(identity) = identity {
            let identity = identity.to_string_lossy().into_owned();
            words.extend(["-o", "IdentitiesOnly=yes", "-i"].map(str::to_owned));
            words.push(identity);
        }
        for (option, value) in [("-p", port), ("-l", user)] {
            if let Some(value) = value {
                words.extend([option.to_owned(), value.clone()]);
            }
        }
        // Who is not root there has the rights of a rule of sudo, as btrbk's backend `btrfs-progs-sudo` takes for granted.
        let sudo = as_root && user.as_deref().is_some_and(|user| user != "root");
        let prefix: &[&str] = if sudo { &["sudo", "-n"] } else { &[] };
        let text: Vec<String> = prefix
            .iter()
            .chain(asked)
            .map(|word| quoted(word))
            .collect();
        words.extend(["--".to_owned(), host.clone(), text.join(" ")]);
        words
    }

    /// Runs it there, and returns what it printed.
    pub(super) fn ask(
        &self,
        system: &dyn System,
        target: &str,
        as_root: bool,
        asked: &[&str],
    ) -> Result<String, Fault> {
        let command = self.command(as_root, asked);
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let (program, arguments) = words.split_first().unwrap_or((&"", &[]));
        let printed = system.run_within(program, arguments, &[], PATIENCE);
        printed
            .map(|printed| printed.stdout)
            .map_err(|fault| self.explained(target, fault))
    }

    /// A fault of ssh in the words of who sends copies; any other as it is.
    pub(super) fn explained(&self, target: &str, fault: Fault) -> Fault {
        let (
            Self::Ssh { host, .. },
            Fault::Program {
                command,
                status,
                stderr,
            },
        ) = (self, &fault)
        else {
            return fault;
        };
        // The status that ssh itself ends with; a guard that refuses says so too.
        if !command.starts_with("ssh ") || *status != 255 || stderr.contains("refused, ") {
            return fault;
        }
        let said = stderr.trim().to_owned();
        if AWAY.iter().any(|words| said.contains(words)) {
            return Fault::Absent {
                what: target.to_owned(),
                why: said,
            };
        }
        let help = if said.contains("Host key verification failed") {
            format!(
                "root does not know the key of {host}: declare it in NixOS' `programs.ssh.knownHosts`, or put it into /etc/ssh/ssh_known_hosts"
            )
        } else {
            "the key that copies are sent with, as `ssh_identity` of btrbk or `--identity` names it, is not let in there".to_owned()
        };
        Fault::Unexpected(format!("{target} does not let us in: {said}; {help}"))
    }
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._/:=@%+,-".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use podman_btrfs_core::units::Text as _;

    use super::*;

    #[test]
    fn a_word_arrives_as_it_was() {
        for word in [
            "plain-1_a@b:c/d",
            "two words",
            "it's",
            "$(id)",
            "",
            "a;b",
            "[x]",
            "*",
        ] {
            let text = format!("printf %s {}", quoted(word));
            let printed = crate::system::RealSystem.run("sh", &["-c", &text]).unwrap();
            assert_eq!(printed.stdout, word);
        }
    }

    #[test]
    fn ssh_is_told_all_that_it_must_not_ask() {
        let url = TargetUrl::parse("ssh://backup@[2001:db8::7]:2222/srv/backup").unwrap();
        let reach = Reach::of(&url, Some("/key".into()));
        let text = reach
            .command(true, &["btrfs", "send", "/srv/a [b]"])
            .join(" ");
        for option in [
            "BatchMode=yes",
            "StrictHostKeyChecking=yes",
            "IdentitiesOnly=yes -i /key",
        ] {
            assert!(text.contains(option), "{text}");
        }
        assert!(
            text.ends_with("-p 2222 -l backup -- 2001:db8::7 sudo -n btrfs send '/srv/a [b]'"),
            "{text}"
        );
        let url = TargetUrl::parse("ssh://root@nas/srv").unwrap();
        let text = Reach::of(&url, None).command(true, &["btrfs"]).join(" ");
        assert!(text.ends_with("-l root -- nas btrfs"), "{text}");
    }

    #[test]
    fn a_host_that_is_away_is_told_from_one_that_refuses() {
        let url = TargetUrl::parse("ssh://backup@nas/srv").unwrap();
        let reach = Reach::of(&url, None);
        let explained = |stderr: &str| {
            let fault = Fault::Program {
                command: "ssh -T".into(),
                status: 255,
                stderr: stderr.into(),
            };
            reach.explained("nas", fault)
        };
        let away = explained("ssh: connect to host nas port 22: No route to host\r\n");
        assert!(matches!(away, Fault::Absent { .. }), "{away}");
        let unknown = explained("Host key verification failed.").to_string();
        assert!(unknown.contains("programs.ssh.knownHosts"), "{unknown}");
        let denied = explained("backup@nas: Permission denied (publickey).").to_string();
        assert!(denied.contains("ssh_identity"), "{denied}");
        let refused = explained("ERROR: podman-btrfs receiver: refused, another place: x");
        assert!(matches!(refused, Fault::Program { .. }), "{refused}");
    }
}
