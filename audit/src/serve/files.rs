//! The pages, carried in the program.

use axum::{
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use blake3::Hash;

/// Where the desk begins.
const FIRST_PAGE: &str = "desk/index.html";
/// Where it begins while there is no desk.
const VERIFIER: &str = "verify.html";

/// Every file under `web`, by its name there.
static FILES: &[(&str, &[u8])] = &include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The file of a path.
pub(super) async fn file(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return (
            StatusCode::METHOD_NOT_ALLOWED,
            [(header::ALLOW, "GET, HEAD")],
        )
            .into_response();
    }
    let path = uri.path().trim_start_matches('/');
    if path.is_empty() {
        let first = find(FIRST_PAGE).map_or(VERIFIER, |_| "desk/");
        return (
            StatusCode::SEE_OTHER,
            [(header::LOCATION, format!("/{first}"))],
        )
            .into_response();
    }
    let name = if path == "desk/" { FIRST_PAGE } else { path };
    let Some(bytes) = find(name) else {
        return (
            StatusCode::NOT_FOUND,
            [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
            "there is no such page; the desk begins at /\n",
        )
            .into_response();
    };
    // Asked for again each time, and sent again only when the program is another one.
    let tag = format!("\"{}\"", &tag(bytes).to_hex()[..32]);
    let known = headers.get(header::IF_NONE_MATCH);
    if known.is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    let headers = [
        (header::CONTENT_TYPE, kind(name).to_owned()),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
        (header::ETAG, tag),
    ];
    (headers, bytes).into_response()
}

fn find(name: &str) -> Option<&'static [u8]> {
    let at = FILES.binary_search_by(|(one, _)| (*one).cmp(name)).ok()?;
    FILES.get(at).map(|(_, bytes)| *bytes)
}

fn tag(bytes: &[u8]) -> Hash {
    blake3::hash(bytes)
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, kind)| kind) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        "png" => "image/png",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_a_kind_and_is_found() {
        assert!(find(VERIFIER).is_some());
        assert!(FILES.is_sorted_by(|one, other| one.0 < other.0));
        for (name, bytes) in FILES {
            assert_eq!(find(name), Some(*bytes));
            assert_ne!(kind(name), "application/octet-stream", "{name}");
            assert!(
                !name.starts_with("tests/") && !name.ends_with(".md"),
                "{name}"
            );
        }
    }
}
