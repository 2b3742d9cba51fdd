//! What stands behind the question mark, bounded and decoded.

use axum::http::Uri;

use super::answer::Problem;
use crate::limits::{CITED_BYTES_MAX, ROWS_DEFAULT, ROWS_MAX};

/// Longest query that is read.
const QUERY_BYTES_MAX: usize = 4_096;

/// Names and values of a query.
#[derive(Clone, Debug, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn of(uri: &Uri) -> Result<Self, Problem> {
        let text = uri.query().unwrap_or_default();
        if text.len() > QUERY_BYTES_MAX {
            return Err(Problem::bad_request(
                "the query is too long",
                format!("ask with at most {QUERY_BYTES_MAX} characters"),
            ));
        }
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        let decoded = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?, decode(value)?))
        });
        let all = decoded.collect::<Option<Vec<(String, String)>>>();
        let all = all.ok_or_else(|| {
            Problem::bad_request(
                "the query cannot be read",
                "encode it as UTF-8 with percent signs",
            )
        })?;
        // No text of an index holds it, and a PostgreSQL server refuses to be asked for it.
        if all.iter().any(|(_, value)| value.contains('\0')) {
            return Err(Problem::bad_request(
                "the query holds U+0000",
                "ask without %00",
            ));
        }
        Ok(Self(all))
    }

    /// The value of a name; `None` where it is absent or empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(one, _)| one == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// A value that is read as something.
    pub(super) fn parse<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Problem> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|_| {
            Problem::bad_request(
                format!("{name}={text} cannot be read"),
                format!("leave {name} out or give it a value of its kind"),
            )
        })
    }

    /// How many rows are asked for.
    pub(super) fn limit(&self) -> Result<i64, Problem> {
        let limit = self.parse("limit")?.unwrap_or(ROWS_DEFAULT);
        Ok(limit.clamp(1, ROWS_MAX))
    }

    /// Where the list of rules goes on: after the one that is cited so; before all of them where it begins.
    pub(super) fn rule_cursor(&self) -> Result<&str, Problem> {
        let text = self.get("cursor").unwrap_or_default();
        let is_visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_visible && text.len() <= CITED_BYTES_MAX {
            Ok(text)
        } else {
            Err(other_cursor())
        }
    }

    /// Where a list goes on: `default` for its beginning. A cursor has one number, or two with a dot.
    pub(super) fn cursor(&self, default: (i64, i64)) -> Result<(i64, i64), Problem> {
        let Some(text) = self.get("cursor") else {
            return Ok(default);
        };
        let (first, second) = text.split_once('.').unwrap_or((text, "0"));
        let read = |text: &str| text.parse::<i64>().ok().filter(|one| *one >= 0);
        read(first).zip(read(second)).ok_or_else(other_cursor)
    }
}

fn other_cursor() -> Problem {
    Problem::bad_request(
        "the cursor is none that this desk gave",
        "begin the list again without a cursor",
    )
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                let digits = std::str::from_utf8(&digits).ok()?;
                u8::from_str_radix(digits, 16).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded_and_bounded() {
        let query = |text: &str| Query::of(&text.parse().unwrap());
        let read = query("/x?q=%E5%80%BA+a%26b&limit=1000&cursor=7.2&empty=").unwrap();
        assert_eq!(read.get("q"), Some("债 a&b"));
        assert_eq!(read.get("empty"), None);
        assert_eq!(read.limit().unwrap(), ROWS_MAX);
        assert_eq!(read.cursor((1, 1)).unwrap(), (7, 2));
        assert_eq!(query("/x").unwrap().cursor((1, 1)).unwrap(), (1, 1));
        for wrong in ["/x?q=%zz", "/x?q=%E5", "/x?q=%"] {
            assert!(query(wrong).is_err(), "{wrong}");
        }
        for wrong in ["/x?q=%00", "/x?q=a%00b", "/x?cursor=%00"] {
            assert!(query(wrong).is_err(), "{wrong}");
        }
        let name = "us-reg-f/hours@1";
        let after = query(&format!("/x?cursor={name}")).unwrap();
        assert_eq!(after.rule_cursor().unwrap(), name);
        assert_eq!(query("/x").unwrap().rule_cursor().unwrap(), "");
        let long = "a".repeat(CITED_BYTES_MAX + 1);
        for wrong in ["%01", "a%20b", "%E5%80%BA", &long] {
            let read = query(&format!("/x?cursor={wrong}")).unwrap();
            assert!(read.rule_cursor().is_err(), "{wrong}");
        }
        for wrong in ["/x?cursor=-1", "/x?cursor=a.b", "/x?limit=x"] {
            let read = query(wrong).unwrap();
            assert!(
                read.cursor((0, 0)).is_err() || read.limit().is_err(),
                "{wrong}"
            );
        }
    }
}
