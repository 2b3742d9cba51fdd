//! The network between real sockets on the loopback interface: honest meshes, restarts, and peers
//! that do what they should not. No assertion depends on how long something takes.

mod harness;
mod honest;
mod hostile;
