//! `talea-genesis`: the genesis document and its ceremony, on the command line.

fn main() {}
