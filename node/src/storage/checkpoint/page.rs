//! A page: the objects of one bucket, sorted by path and key.
//!
//! ```text
//! object  path 32 | key length u32 | value length u32 | key | value
//! ```

use std::iter::Peekable;

use super::{CheckpointError, StateObject};

/// Bucket of a path.
pub(super) fn bucket_of(path: &[u8; 32]) -> u16 {
    u16::from_be_bytes([path[0], path[1]])
}

pub(super) fn page_key(bucket: u16, height: u64) -> Vec<u8> {
    [
        &b"checkpoint/page/"[..],
        &bucket.to_be_bytes(),
        &height.to_be_bytes(),
    ]
    .concat()
}

/// The bytes of objects.
pub(crate) fn encode<'a>(objects: impl Iterator<Item = &'a StateObject>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for object in objects {
        bytes.extend_from_slice(&object.path);
        bytes.extend_from_slice(&(object.key.len() as u32).to_be_bytes());
        bytes.extend_from_slice(&(object.value.len() as u32).to_be_bytes());
        bytes.extend_from_slice(&object.key);
        bytes.extend_from_slice(&object.value);
    }
    bytes
}

/// The objects of a page of `bucket`.
pub(super) fn decode(bucket: u16, bytes: &[u8]) -> Result<Vec<StateObject>, CheckpointError> {
    let objects = decode_objects(bytes)
        .ok_or_else(|| CheckpointError::damaged(format!("page {bucket} is unreadable")))?;
    if objects
        .iter()
        .any(|object| bucket_of(&object.path) != bucket)
    {
        return Err(CheckpointError::damaged(format!(
            "page {bucket} is out of order"
        )));
    }
    Ok(objects)
}

/// Objects from their bytes; `None` if the bytes end too early or the objects are out of order.
pub(crate) fn decode_objects(mut bytes: &[u8]) -> Option<Vec<StateObject>> {
    let mut objects: Vec<StateObject> = Vec::new();
    while !bytes.is_empty() {
        let object = decode_object(&mut bytes)?;
        let sorted = objects
            .last()
            .is_none_or(|before| (&before.path, &before.key) < (&object.path, &object.key));
        if !sorted {
            return None;
        }
        objects.push(object);
    }
    Some(objects)
}

fn decode_object(bytes: &mut &[u8]) -> Option<StateObject> {
    let (path, rest) = bytes.split_first_chunk()?;
    let (key_length, rest) = rest.split_first_chunk()?;
    let (value_length, rest) = rest.split_first_chunk()?;
    let (key, rest) = rest.split_at_checked(u32::from_be_bytes(*key_length) as usize)?;
    let (value, rest) = rest.split_at_checked(u32::from_be_bytes(*value_length) as usize)?;
    *bytes = rest;
    Some(StateObject {
        path: *path,
        key: key.to_vec(),
        value: value.to_vec(),
    })
}

/// Path and key of an object, in the order of pages.
pub(super) type ObjectKey = ([u8; 32], Vec<u8>);

/// The objects of a page after `changes`, both sorted.
pub(super) fn merge(
    objects: Vec<StateObject>,
    changes: impl Iterator<Item = (ObjectKey, Option<Vec<u8>>)>,
) -> Vec<StateObject> {
    let mut merged = Vec::with_capacity(objects.len());
    let mut objects = objects.into_iter().peekable();
    for ((path, key), value) in changes {
        take_before(&mut objects, &path, &key, &mut merged);
        objects.next_if(|object| object.path == path && object.key == key);
        merged.extend(value.map(|value| StateObject { path, key, value }));
    }
    merged.extend(objects);
    merged
}

fn take_before(
    objects: &mut Peekable<std::vec::IntoIter<StateObject>>,
    path: &[u8; 32],
    key: &[u8],
    merged: &mut Vec<StateObject>,
) {
    while let Some(object) = objects.next_if(|object| (&object.path, &object.key[..]) < (path, key))
    {
        merged.push(object);
    }
}
