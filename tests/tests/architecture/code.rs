//! Rust source as the compiler sees it: without comments, without the contents of literals, without
//! what is compiled for tests only. Lines stay where they are.

/// Removes comments, the contents of literals and items under `#[cfg(test)]`.
pub fn effective(text: &str) -> String {
    without_test_items(&without_comments_and_literals(text))
}

/// Whether the word stands in the code by itself.
pub fn has_word(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(start, _)| {
        let is_part = |character: char| character.is_alphanumeric() || character == '_';
        let before = code[..start].chars().next_back();
        let after = code[start + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

fn without_comments_and_literals(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    while at < characters.len() {
        let end = skipped_until(&characters, at);
        if end == at {
            kept.push(characters[at]);
            at += 1;
        } else {
            // A literal leaves its quotes, a comment a blank; lines are kept.
            kept.push(if characters[at] == '/' { ' ' } else { '"' });
            kept.extend(characters[at..end].iter().filter(|c| **c == '\n'));
            at = end;
        }
    }
    kept
}

/// Where the comment or literal that starts at `at` ends; `at` when none does.
fn skipped_until(characters: &[char], at: usize) -> usize {
    let starts = |text: &str| {
        let length = text.chars().count();
        characters
            .get(at..at + length)
            .is_some_and(|part| part.iter().copied().eq(text.chars()))
    };
    let previous_is_word = at
        .checked_sub(1)
        .is_some_and(|before| characters[before].is_alphanumeric() || characters[before] == '_');
    if starts("//") {
        return find(characters, at, |rest| rest[0] == '\n');
    }
    if starts("/*") {
        return (find(characters, at + 2, |rest| rest.starts_with(&['*', '/'])) + 2)
            .min(characters.len());
    }
    if starts("\"") {
        return quoted(characters, at + 1, '"');
    }
    if !previous_is_word && (starts("r") || starts("br")) {
        let hashes_at = if starts("r") { at + 1 } else { at + 2 };
        let hashes = characters[hashes_at..]
            .iter()
            .take_while(|c| **c == '#')
            .count();
        if characters.get(hashes_at + hashes) == Some(&'"') {
            let mut close = vec!['"'];
            close.extend(std::iter::repeat_n('#', hashes));
            let body = hashes_at + hashes + 1;
            let end = find(characters, body, |rest| rest.starts_with(&close));
            return (end + close.len()).min(characters.len());
        }
    }
    // A character literal, not a lifetime.
    if starts("'") {
        let is_escape = characters.get(at + 1) == Some(&'\\');
        if is_escape || characters.get(at + 2) == Some(&'\'') {
            return quoted(characters, at + 1, '\'');
        }
    }
    at
}

fn find(characters: &[char], from: usize, is_there: impl Fn(&[char]) -> bool) -> usize {
    (from..characters.len())
        .find(|at| is_there(&characters[*at..]))
        .unwrap_or(characters.len())
}

fn quoted(characters: &[char], mut at: usize, quote: char) -> usize {
    while at < characters.len() {
        match characters[at] {
            '\\' => at += 2,
            character if character == quote => return at + 1,
            _ => at += 1,
        }
    }
    characters.len()
}

const TEST_ATTRIBUTE: &str = "#[cfg(test)]";

fn without_test_items(code: &str) -> String {
    let mut kept = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(start) = rest.find(TEST_ATTRIBUTE) {
        kept.push_str(&rest[..start]);
        rest = &rest[start + item_length(&rest[start..])..];
    }
    kept.push_str(rest);
    kept
}

/// Up to the end of the item: its closing brace, or a semicolon before any brace.
fn item_length(item: &str) -> usize {
    let mut depth = 0_usize;
    for (position, character) in item.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return position + 1;
                }
            }
            ';' if depth == 0 => return position + 1,
            _ => {}
        }
    }
    item.len()
}

#[test]
fn only_code_is_left() {
    let text = r##"
// HashMap in a comment
/* HashMap
   over lines */
/// HashMap in documentation
fn first<'a>(x: &'a str) -> char { let s = "HashMap \" still"; let r = r#"HashMap "quoted""#; 'H' }
#[cfg(test)]
mod tests { fn f() { HashMap::new(); } }
#[cfg(test)]
use std::collections::HashMap;
fn last() { BTreeMap::new() }
"##;
    let code = effective(text);
    assert!(!code.contains("HashMap"), "{code}");
    assert!(
        has_word(&code, "first") && has_word(&code, "last"),
        "{code}"
    );
    assert!(
        has_word(&code, "BTreeMap") && !has_word(&code, "Map"),
        "{code}"
    );
}

#[test]
fn code_after_an_unusual_literal_is_still_seen() {
    for literal in [
        r"'\''",
        r"'\u{41}'",
        "'\"'",
        r#"b"\\""#,
        r##"r#"""#"##,
        "'a'",
        "b'a'",
    ] {
        let code = effective(&format!("let a = {literal}; HashMap::new();"));
        assert!(has_word(&code, "HashMap"), "{literal}: {code}");
    }
}
