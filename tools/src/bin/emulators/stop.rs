//! A process of ours that is asked to end, so that it can end those that it has started itself.

use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// A running process, stopped when this is dropped.
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn start(mut command: Command) -> Result<Self, String> {
        let program = command.get_program().to_string_lossy().into_owned();
        command.stdin(Stdio::null()).spawn().map(Self).map_err(|error| format!("{program}: {error}"))
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.0.try_wait().is_ok_and(|status| status.is_some())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _gone_already = Command::new("kill").args(["-INT", &self.0.id().to_string()]).status();
        for _ in 0..600 {
            if self.has_ended() {
                return;
            }
            sleep(Duration::from_millis(50));
        }
        let _gone_already = self.0.kill();
        let _gone_already = self.0.wait();
    }
}
