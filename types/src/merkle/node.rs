//! The keyed hash under every tree and chain, and its keys.
//!
//! A key is the blake3 hash of its tag. They are pinned as constants, and a test derives them again.

use crate::Hash;

/// A purpose for which two or fewer 32-byte values are hashed.
pub(crate) struct Purpose {
    #[cfg(test)]
    tag: &'static str,
    key: [u8; 32],
}

macro_rules! purpose {
    ($name:ident, $tag:literal, $key:expr) => {
        #[doc = concat!("`", $tag, "`")]
        pub(crate) const $name: Purpose = Purpose {
            #[cfg(test)]
            tag: $tag,
            key: $key,
        };
    };
}

purpose!(
    LIST_LEAF,
    "talea list leaf v1",
    [
        116, 128, 177, 208, 216, 236, 125, 34, 120, 215, 203, 139, 160, 234, 107, 232, 69, 11, 240,
        68, 248, 145, 164, 244, 2, 126, 169, 95, 171, 137, 22, 237
    ]
);
purpose!(
    LIST_NODE,
    "talea list node v1",
    [
        238, 204, 38, 131, 90, 148, 207, 84, 217, 76, 190, 42, 80, 33, 41, 180, 42, 141, 188, 48,
        60, 215, 215, 135, 247, 229, 225, 3, 255, 175, 50, 31
    ]
);
purpose!(
    LIST_ROOT,
    "talea list root v1",
    [
        123, 72, 117, 246, 235, 24, 243, 239, 79, 172, 173, 25, 87, 13, 241, 231, 75, 175, 98, 23,
        182, 124, 148, 239, 43, 19, 81, 86, 120, 212, 131, 230
    ]
);
purpose!(
    MAP_LEAF,
    "talea map leaf v1",
    [
        89, 212, 104, 14, 61, 193, 179, 90, 94, 221, 6, 249, 209, 152, 155, 78, 87, 246, 34, 77,
        203, 79, 71, 90, 183, 68, 237, 238, 207, 13, 168, 186
    ]
);
purpose!(
    MAP_NODE,
    "talea map node v1",
    [
        215, 144, 133, 94, 185, 230, 174, 126, 185, 148, 40, 171, 137, 221, 96, 240, 218, 149, 210,
        114, 118, 110, 222, 187, 122, 75, 73, 250, 50, 167, 184, 217
    ]
);

purpose!(
    EVENT_CHAIN,
    "talea event chain v1",
    [
        191, 54, 31, 140, 247, 9, 146, 194, 222, 97, 143, 89, 52, 235, 107, 155, 152, 55, 44, 132,
        82, 83, 86, 246, 58, 255, 100, 11, 91, 117, 234, 158
    ]
);

impl Purpose {
    /// Hashes two values: 64 bytes, one compression.
    pub(crate) fn pair(&self, left: &[u8; 32], right: &[u8; 32]) -> Hash {
        let mut input = [0u8; 64];
        let (first, second) = input.split_at_mut(32);
        first.copy_from_slice(left);
        second.copy_from_slice(right);
        Hash(*blake3::keyed_hash(&self.key, &input).as_bytes())
    }

    /// Hashes a value: 32 bytes, one compression.
    pub(crate) fn single(&self, value: &[u8; 32]) -> Hash {
        Hash(*blake3::keyed_hash(&self.key, value).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_the_hashes_of_their_tags() {
        for purpose in [
            LIST_LEAF,
            LIST_NODE,
            LIST_ROOT,
            MAP_LEAF,
            MAP_NODE,
            EVENT_CHAIN,
        ] {
            let derived = blake3::hash(purpose.tag.as_bytes());
            assert_eq!(
                purpose.key,
                *derived.as_bytes(),
                "{}: {derived}",
                purpose.tag
            );
        }
    }
}
