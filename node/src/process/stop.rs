//! When a process should stop.

use std::{io, thread};

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

/// Waits for SIGINT or SIGTERM.
///
/// # Errors
/// When the system does not let the process listen for signals.
pub async fn stop_signal() -> io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// Waits until standard input ends: the process that started this one, and holds the other end, is gone.
pub async fn parent_gone() {
    let (gone, heard) = oneshot::channel();
    // A read of standard input cannot be interrupted; the thread ends with the process.
    let reader = thread::Builder::new()
        .name("parent".to_owned())
        .spawn(move || {
            let ended = io::copy(&mut io::stdin(), &mut io::sink());
            // Whoever waited may have stopped waiting.
            let _ = gone.send(ended);
        });
    match reader {
        Ok(_) => drop(heard.await),
        Err(error) => {
            tracing::error!(%error, "cannot watch standard input");
            std::future::pending::<()>().await;
        }
    }
}
