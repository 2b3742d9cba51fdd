//! Every limit of the protocol, in one place.

/// Slots of the cache of decompressed public keys. A power of two, at most 65,536.
pub const KEY_CACHE_SLOTS: usize = 65_536;
