//! A table has each set of keys of its objects once, so it needs about 60% of the bytes of a list of objects.

use serde_json::{Map, Value, json};

/// The table of a list of objects: in `keys` each set of keys that an object has, and in `rows`, for
/// each object, the position of its keys in `keys`, from 0, and then its values in the order of the keys.
///
/// `docs/script/src/table.ts` reads it.
pub(crate) fn table(objects: Vec<Map<String, Value>>) -> Value {
    let mut keys = Vec::<Vec<String>>::new();
    let mut rows = Vec::<Vec<Value>>::new();
    for object in objects {
        let (names, values): (Vec<_>, Vec<_>) = object.into_iter().unzip();
        let known = keys.iter().position(|it| *it == names);
        let position = known.unwrap_or(keys.len());
        if known.is_none() {
            keys.push(names);
        }
        rows.push([vec![position.into()], values].concat());
    }
    json!({ "keys": keys, "rows": rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test of `docs/script/src/table.ts` reads the same file.
    #[test]
    fn a_table_has_what_the_script_of_the_page_reads() {
        let example = include_str!("../../../docs/script/test/table.json");
        let mut example: Value = serde_json::from_str(example).expect("JSON");
        let objects = serde_json::from_value(example["objects"].take()).expect("objects");
        assert_eq!(table(objects), example["table"]);
    }
}
