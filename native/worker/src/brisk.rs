//! Waiting for the next request without going to sleep.
//!
//! To wake a sleeping core takes longer than a short call and both of its pipes. So where pytest says that it
//! pays, the worker looks for the next request for a while before it sleeps, unless the one before was late.

use std::ffi::c_int;
use std::time::{Duration, Instant};

use crate::poll::is_ready;

/// Requests that come within this time after a reply follow each other quickly.
const WINDOW: Duration = Duration::from_micros(100);

/// Whether the next request is likely to come quickly.
#[derive(Debug)]
pub(crate) struct Brisk {
    descriptor: c_int,
    quick: bool,
}

impl Brisk {
    pub(crate) fn new(descriptor: c_int) -> Self {
        Self { descriptor, quick: true }
    }

    /// Looks whether something can be read, or was closed, for a while.
    pub(crate) fn look(&mut self) {
        let since = Instant::now();
        let mut ready = false;
        while self.quick && !ready && since.elapsed() < WINDOW {
            ready = is_ready(self.descriptor, 0);
        }
        if !ready {
            is_ready(self.descriptor, -1);
        }
        self.quick = since.elapsed() < WINDOW;
    }
}

#[cfg(test)]
mod tests {
    use super::{Brisk, WINDOW};
    use std::io::{PipeWriter, Write, pipe};
    use std::os::fd::AsRawFd;
    use std::thread::{sleep, spawn};

    #[test]
    fn who_waited_long_sleeps_at_once_the_next_time() {
        let (reader, mut writer) = pipe().unwrap();
        let mut brisk = Brisk::new(reader.as_raw_fd());
        let sender = spawn(move || -> PipeWriter {
            sleep(3 * WINDOW);
            writer.write_all(b"x").unwrap();
            writer
        });
        brisk.look();
        assert!(!brisk.quick);
        // What is there already is found at once, asleep or not.
        drop(sender.join().unwrap());
        brisk.look();
    }
}
