//! An ssh server of the test's own: on a free port of the loopback, as the current user, with keys made for it.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use crate::disk::command;
use crate::support::pty::{LIMIT, Start};

/// The running server; it and its sessions end when it is dropped.
pub struct Sshd {
    child: Child,
    dir: PathBuf,
    port: u16,
    user: String,
}

fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

/// The account that runs the tests, with its login shell.
fn account() -> Option<(String, String)> {
    let uid = rustix::process::getuid().as_raw().to_string();
    let listed = std::fs::read_to_string("/etc/passwd").ok()?;
    listed.lines().find_map(|line| {
        let parts: Vec<&str> = line.split(':').collect();
        (parts.get(2) == Some(&uid.as_str())).then(|| {
            let part = |at: usize| parts.get(at).copied().unwrap_or_default().to_owned();
            (part(0), part(6))
        })
    })
}

impl Sshd {
    /// Starts one whose files lie in `dir`, or says why there can be none.
    pub fn start(dir: &Path) -> Result<Self, String> {
        Self::start_with(dir, "")
    }

    /// As [`Sshd::start`], with these lines in a block for the account that logs in.
    pub fn start_with(dir: &Path, for_the_account: &str) -> Result<Self, String> {
        let sshd = program("sshd").ok_or("sshd is not installed")?;
        for name in ["ssh", "ssh-keygen"] {
            program(name).ok_or(format!("{name} is not installed"))?;
        }
        let (user, shell) = account().ok_or("the account is not in /etc/passwd")?;
        if shell.ends_with("nologin") || shell.ends_with("false") {
            return Err(format!("the account {user} has no login shell"));
        }
        if rustix::process::geteuid().is_root() {
            // The folder of privilege separation; a package's service would make it.
            std::fs::create_dir_all("/run/sshd").map_err(|e| format!("/run/sshd: {e}"))?;
        }
        for key in ["host", "user"] {
            command(
                "ssh-keygen",
                &[
                    "-q".as_ref(),
                    "-t".as_ref(),
                    "ed25519".as_ref(),
                    "-N".as_ref(),
                    "".as_ref(),
                    "-f".as_ref(),
                    dir.join(key).as_os_str(),
                ],
            )?;
        }
        std::fs::copy(dir.join("user.pub"), dir.join("authorized_keys"))
            .map_err(|e| e.to_string())?;
        let mut said = String::new();
        // Somebody else may take the free port before sshd does.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0")
                .and_then(|listener| listener.local_addr())
                .map_err(|e| e.to_string())?
                .port();
            let at = |name: &str| dir.join(name).display().to_string();
            let config = format!(
                "ListenAddress 127.0.0.1:{port}\nHostKey {}\nPidFile none\nAuthorizedKeysFile {}\n\
                 AuthenticationMethods publickey\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
                 PermitRootLogin prohibit-password\nStrictModes no\nUsePAM no\nPrintMotd no\nPrintLastLog no\n\
                 Match User {user}\n{for_the_account}\n",
                at("host"),
                at("authorized_keys"),
            );
            std::fs::write(dir.join("sshd_config"), config).map_err(|e| e.to_string())?;
            let child = Command::new(&sshd)
                .args(["-D", "-f", &at("sshd_config"), "-E", &at("sshd.log")])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .map_err(|e| format!("{}: {e}", sshd.display()))?;
            let mut server = Self {
                child,
                dir: dir.to_path_buf(),
                port,
                user: user.clone(),
            };
            let end = Instant::now() + LIMIT;
            while server
                .child
                .try_wait()
                .map_err(|e| e.to_string())?
                .is_none()
            {
                if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                    return Ok(server);
                }
                if Instant::now() > end {
                    break;
                }
                std::thread::yield_now();
            }
            said = std::fs::read_to_string(dir.join("sshd.log")).unwrap_or_default();
        }
        Err(format!("sshd does not run: {said}"))
    }

    fn arguments(&self, terminal: &str, remote: &str) -> Vec<String> {
        let key = self.dir.join("user").display().to_string();
        let port = self.port.to_string();
        let who = format!("{}@127.0.0.1", self.user);
        [
            terminal,
            "-F",
            "none",
            "-i",
            &key,
            "-p",
            &port,
            "-o",
            "IdentitiesOnly=yes",
            "-o",
            "BatchMode=yes",
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
            "-o",
            "LogLevel=ERROR",
            "-e",
            "none",
            &who,
        ]
        .into_iter()
        .chain((!remote.is_empty()).then_some(remote))
        .map(str::to_owned)
        .collect()
    }

    /// `ssh -t host REMOTE` on a terminal of its own, or plain `ssh -t host`; not started yet.
    pub fn on_a_terminal(&self, remote: &str) -> Start {
        Start::new("ssh").args(self.arguments("-t", remote))
    }

    /// `ssh host REMOTE` without a terminal.
    pub fn without_a_terminal(&self, remote: &str) -> Command {
        let mut command = Command::new("ssh");
        command
            .args(self.arguments("-T", remote))
            .stdin(Stdio::null());
        command
    }

    /// What the server wrote to its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.join("sshd.log")).unwrap_or_default()
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
