//! Runs of minutes and hours: they say where they are, and who ends one early gets what it has so far.

use std::{
    io::IsTerminal as _,
    sync::Arc,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};
use talea_node::process::stop_signal;

/// Exit code of a run that was ended early and found nothing until then.
pub const EXIT_INTERRUPTED: u8 = 3;
/// What a shell says of a process that SIGINT ended.
const EXIT_SIGNAL: i32 = 130;
/// Without a terminal, a line so often.
const LINE_EVERY: Duration = Duration::from_secs(30);

/// Whether somebody wants the run to end: the first SIGINT or SIGTERM asks for what there is, the second ends
/// the process.
#[derive(Clone, Debug)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the system does not let the process listen for signals.
    pub fn listen() -> std::io::Result<Self> {
        let heard = Arc::new(AtomicBool::new(false));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let told = Arc::clone(&heard);
        thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    while stop_signal().await.is_ok() {
                        if told.swap(true, Ordering::Relaxed) {
                            std::process::exit(EXIT_SIGNAL);
                        }
                        eprintln!("ending; once more to end at once, without a report");
                    }
                });
            })?;
        Ok(Self(heard))
    }

    /// Whether the run should end.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Where a run is: a bar on a terminal, a line now and then elsewhere. On standard error, so that standard
/// output carries results only.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    begun: Instant,
    told: Instant,
}

impl Progress {
    /// Of a run of `total` parts; `None` when only time ends it.
    #[must_use]
    pub fn new(total: Option<u64>) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let (bar, style) = match total {
                Some(total) => (
                    ProgressBar::new(total),
                    "{elapsed_precise} {pos}/{len} {bar:30} {msg}",
                ),
                None => (
                    ProgressBar::new_spinner(),
                    "{elapsed_precise} {pos} {spinner} {msg}",
                ),
            };
            if let Ok(style) = ProgressStyle::with_template(style) {
                bar.set_style(style);
            }
            bar
        });
        Self {
            bar,
            begun: Instant::now(),
            told: Instant::now(),
        }
    }

    /// So many parts are done.
    pub fn at(&mut self, done: u64, message: &str) {
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            bar.set_message(message.to_owned());
        } else if self.told.elapsed() >= LINE_EVERY {
            self.told = Instant::now();
            let seconds = self.begun.elapsed().as_secs();
            eprintln!("{seconds:>6} s  {done}  {message}");
        }
    }

    /// There are so many parts after all.
    pub fn set_total(&mut self, total: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(total);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
