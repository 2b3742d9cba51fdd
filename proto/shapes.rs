//! Generates the shapes of messages (see `talea_types::wire::shape`) from the compiled contract. Included by
//! the build script and by the test that keeps the checked-in code equal to the contract.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::descriptors;
use descriptors::field_descriptor_proto::{Label, Type};
use descriptors::{DescriptorProto, FieldDescriptorProto, FileDescriptorSet};

/// Where the messages of the ledger are, seen from outside their package.
const LEDGER: &str = "talea.ledger.v1";

struct Contract<'a> {
    /// By full name, with a dot in front.
    messages: BTreeMap<String, &'a DescriptorProto>,
    /// Full names of what nodes answer with.
    answers: BTreeSet<&'a str>,
}

/// Rust code with the shape of every message of a package.
pub fn generate(files: &FileDescriptorSet, package: &str) -> String {
    let mut messages = BTreeMap::new();
    for file in &files.file {
        for message in &file.message_type {
            let name = format!(".{}.{}", file.package(), message.name());
            messages.insert(name, message);
        }
    }
    let services = files.file.iter().flat_map(|file| &file.service);
    let methods = services.flat_map(|service| &service.method);
    let answers = methods.map(|method| method.output_type()).collect();
    let contract = Contract { messages, answers };
    let mut code = String::from("// Generated from the contract: what lists of a message cost.\n");
    for (name, message) in &contract.messages {
        if name.strip_prefix(&format!(".{package}.")) == Some(message.name()) {
            contract.write(name, message, package, &mut code);
        }
    }
    code
}

impl Contract<'_> {
    fn write(&self, name: &str, message: &DescriptorProto, package: &str, code: &mut String) {
        let (own, bytes) = (message.name(), self.bytes(name, &mut BTreeSet::new()));
        let constant = screaming(own);
        let mut fields: Vec<(i32, String)> = Vec::new();
        for field in &message.field {
            fields.extend(
                self.field(field, package)
                    .map(|shape| (field.number(), shape)),
            );
        }
        fields.sort();
        let fields: Vec<String> = fields
            .iter()
            .map(|(number, shape)| format!("({number}, {shape})"))
            .collect();
        let fields = fields.join(", ");
        let answer = match self.answers.contains(name) {
            true => "const IS_ANSWER: bool = true; ",
            false => "",
        };
        let written = write!(
            code,
            "pub static {constant}: Shape = Shape {{ bytes: {bytes}, fields: &[{fields}] }};\n\
             impl Shaped for super::{own} {{ {answer}fn shape() -> &'static Shape {{ &{constant} }} }}\n\
             const _: () = assert!(::core::mem::size_of::<super::{own}>() <= {bytes});\n"
        );
        written.expect("text takes text");
    }

    fn field(&self, field: &FieldDescriptorProto, package: &str) -> Option<String> {
        let is_list = field.label() == Label::Repeated;
        Some(match field.r#type() {
            Type::Message => {
                if !is_list && !self.has_list(field.type_name(), &mut BTreeSet::new()) {
                    return None;
                }
                let kind = if is_list { "Messages" } else { "Message" };
                let (of, name) = field.type_name()[1..].rsplit_once('.')?;
                let path = if of == package {
                    String::new()
                } else {
                    assert_eq!(of, LEDGER, "{name} is of the contract");
                    "::talea_types::wire::shapes::".to_owned()
                };
                format!("Field::{kind}(&{path}{})", screaming(name))
            }
            _ if !is_list => return None,
            Type::Bytes => format!("Field::Strings({BYTES})"),
            Type::String => format!("Field::Strings({STRING})"),
            Type::Int64
            | Type::Uint64
            | Type::Sint64
            | Type::Fixed64
            | Type::Sfixed64
            | Type::Double => "Field::Numbers(8)".to_owned(),
            _ => "Field::Numbers(4)".to_owned(),
        })
    }

    /// Whether a message is or leads to a list.
    fn has_list(&self, name: &str, seen: &mut BTreeSet<String>) -> bool {
        let message = self.messages.get(name);
        seen.insert(name.to_owned())
            && message.is_some_and(|message| {
                message.field.iter().any(|field| {
                    field.label() == Label::Repeated
                        || (field.r#type() == Type::Message
                            && self.has_list(field.type_name(), seen))
                })
            })
    }

    /// Nominal size of a decoded message.
    fn bytes(&self, name: &str, path: &mut BTreeSet<String>) -> usize {
        // A message in itself is behind a pointer.
        if !path.insert(name.to_owned()) {
            return 8;
        }
        let message = self.messages.get(name).expect("a message of the contract");
        let mut alternatives: BTreeMap<i32, usize> = BTreeMap::new();
        let mut total = 0;
        for field in &message.field {
            let bytes = self.field_bytes(field, path);
            match field.oneof_index {
                Some(index) => {
                    let largest = alternatives.entry(index).or_default();
                    *largest = bytes.max(*largest);
                }
                None => total += bytes,
            }
        }
        path.remove(name);
        total + alternatives.values().map(|bytes| bytes + 8).sum::<usize>()
    }

    fn field_bytes(&self, field: &FieldDescriptorProto, path: &mut BTreeSet<String>) -> usize {
        if field.label() == Label::Repeated {
            return STRING;
        }
        match field.r#type() {
            Type::Message => self.bytes(field.type_name(), path) + 8,
            Type::Bytes => BYTES,
            Type::String => STRING,
            _ => 8,
        }
    }
}

const BYTES: usize = 32;
const STRING: usize = 24;

fn screaming(name: &str) -> String {
    let mut text = String::new();
    for (place, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && place > 0 {
            text.push('_');
        }
        text.push(letter.to_ascii_uppercase());
    }
    text
}
