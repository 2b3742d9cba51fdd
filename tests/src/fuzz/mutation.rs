//! How an input is changed: bytes, lengths, numbers, and fields of protobuf messages at any depth with the
//! lengths around them put right, so that what is changed is reached.

use crate::sim::Random;

/// What a field of a message is cut into.
struct Field {
    start: usize,
    /// First byte after key and length; the value of a number.
    payload: usize,
    end: usize,
    is_bytes: bool,
}

/// A changed input, or two mixed, at most `bytes_max` long.
pub(super) fn mutate(random: &mut Random, input: &[u8], other: &[u8], bytes_max: usize) -> Vec<u8> {
    let mut changed = input.to_vec();
    for _ in 0..random.between(1, 3) {
        // A few inputs repeat one field as often as fits: what a list may cost.
        changed = match random.below(1_000) {
            0..2 => flood(random, &changed, bytes_max),
            2..600 => message(random, &changed, other, 0),
            _ => bytes(random, changed, other),
        };
        changed.truncate(bytes_max);
    }
    changed
}

const NUMBERS: [u64; 14] = [
    0,
    1,
    2,
    63,
    64,
    127,
    128,
    255,
    1 << 16,
    u32::MAX as u64,
    1 << 32,
    1 << 62,
    1 << 63,
    u64::MAX,
];

/// Changes bytes without regard to what they mean.
fn bytes(random: &mut Random, mut input: Vec<u8>, other: &[u8]) -> Vec<u8> {
    let at = random.below(input.len() as u64 + 1) as usize;
    match random.below(8) {
        0 if at < input.len() => input[at] ^= 1 << random.below(8),
        1 if at < input.len() => input[at] = random.any() as u8,
        2 => input.truncate(at),
        3 => input.insert(at, random.any() as u8),
        4 if at < input.len() => {
            let end = (at + 1 + random.below(16) as usize).min(input.len());
            input.drain(at..end);
        }
        5 => {
            // Head of one, tail of the other.
            input.truncate(at);
            input.extend_from_slice(&other[random.below(other.len() as u64 + 1) as usize..]);
        }
        6 => {
            let number = random.one_of(&NUMBERS).to_le_bytes();
            let width = random.one_of(&[1, 2, 4, 8]);
            for (place, byte) in input.iter_mut().skip(at).zip(&number[..width]) {
                *place = *byte;
            }
        }
        _ => {
            let end = (at + random.below(32) as usize).min(input.len());
            let copied = input[at..end].to_vec();
            input.splice(at..at, copied);
        }
    }
    input
}

/// Changes one field of a message, at some depth.
fn message(random: &mut Random, input: &[u8], other: &[u8], depth: usize) -> Vec<u8> {
    let Some(fields) = fields(input).filter(|fields| !fields.is_empty()) else {
        return bytes(random, input.to_vec(), other);
    };
    let field = &fields[random.position(fields.len())];
    let whole = &input[field.start..field.end];
    let payload = &input[field.payload..field.end];
    let mut out = input[..field.start].to_vec();
    match random.below(10) {
        0..5 if field.is_bytes && depth < 12 => {
            let changed = message(random, payload, other, depth + 1);
            put_bytes(&mut out, &input[field.start..], &changed);
        }
        5 => {}
        6 => {
            out.extend_from_slice(whole);
            out.extend_from_slice(whole);
        }
        7 if !field.is_bytes => {
            let (key, _) = varint(&input[field.start..]).unwrap_or_default();
            put_varint(&mut out, key);
            put_varint(&mut out, random.one_of(&NUMBERS));
        }
        8 => {
            // A field of another message, or of this one, before it.
            let source = self::fields(other).filter(|fields| !fields.is_empty());
            match source {
                Some(source) => {
                    let from = &source[random.position(source.len())];
                    out.extend_from_slice(&other[from.start..from.end]);
                }
                None => out.extend_from_slice(other),
            }
            out.extend_from_slice(whole);
        }
        _ => {
            let changed = bytes(random, whole.to_vec(), other);
            out.extend_from_slice(&changed);
        }
    }
    out.extend_from_slice(&input[field.end..]);
    out
}

/// Repeats one field, whole or cut to almost nothing, until the input is full.
fn flood(random: &mut Random, input: &[u8], bytes_max: usize) -> Vec<u8> {
    let Some(fields) = fields(input).filter(|fields| !fields.is_empty()) else {
        return input.repeat((bytes_max / input.len().max(1)).clamp(1, 4_096));
    };
    let field = &fields[random.position(fields.len())];
    let (mut out, rest) = (input[..field.start].to_vec(), &input[field.end..]);
    let payload = &input[field.payload..field.end];
    let room = bytes_max.saturating_sub(out.len() + rest.len());
    if field.is_bytes && random.chance(600) && !payload.is_empty() {
        // Deeper.
        let inner = flood(random, payload, room.saturating_sub(8));
        put_bytes(&mut out, &input[field.start..], &inner);
    } else {
        let mut one = Vec::new();
        let kept = random.one_of(&[0, 0, 2, payload.len()]).min(payload.len());
        if field.is_bytes {
            put_bytes(&mut one, &input[field.start..], &payload[..kept]);
        } else {
            one.extend_from_slice(&input[field.start..field.end]);
        }
        out.extend(one.repeat(room / one.len().max(1)));
    }
    out.extend_from_slice(rest);
    out
}

/// The fields of a message; `None` when the bytes are none.
fn fields(bytes: &[u8]) -> Option<Vec<Field>> {
    let mut all = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let (key, length) = varint(bytes.get(at..)?)?;
        at += length;
        let (payload, end) = match key & 7 {
            0 => (at, at + varint(bytes.get(at..)?)?.1),
            2 => {
                let (length, width) = varint(bytes.get(at..)?)?;
                let payload = at + width;
                (payload, payload.checked_add(usize::try_from(length).ok()?)?)
            }
            _ => return None,
        };
        if key >> 3 == 0 || end > bytes.len() || all.len() > 4_096 {
            return None;
        }
        all.push(Field {
            start,
            payload,
            end,
            is_bytes: key & 7 == 2,
        });
        at = end;
    }
    Some(all)
}

fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0;
    for (place, byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f).checked_shl(7 * u32::try_from(place).ok()?)?;
        if byte & 0x80 == 0 {
            return Some((value, place + 1));
        }
    }
    None
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// The key of the field that starts `field`, a length, a payload.
fn put_bytes(out: &mut Vec<u8>, field: &[u8], payload: &[u8]) {
    let (key, _) = varint(field).unwrap_or_default();
    put_varint(out, key);
    put_varint(out, payload.len() as u64);
    out.extend_from_slice(payload);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_and_lengths_stay_right() {
        // 1: "abc", 2: { 1: 5 }.
        let input = [0x0a, 3, b'a', b'b', b'c', 0x12, 2, 0x08, 5];
        let run = |seed| {
            let mut random = Random::new(seed, "fuzz");
            let all: Vec<_> = (0..500)
                .map(|_| message(&mut random, &input, &input, 0))
                .collect();
            all
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        let well_formed = run(1)
            .iter()
            .filter(|changed| fields(changed).is_some())
            .count();
        assert!(well_formed > 250, "{well_formed} of 500 are messages");
        let mut random = Random::new(3, "fuzz");
        let longest = (0..200)
            .map(|_| flood(&mut random, &input, 1_000).len())
            .max();
        assert!(longest > Some(900) && longest <= Some(1_000), "{longest:?}");
    }
}
