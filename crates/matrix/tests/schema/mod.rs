//! Checks a report against `schema/report.schema.json`, with as much of JSON Schema as that file uses.

use serde_json::Value;

/// Says where `report` breaks the schema.
pub(crate) fn check(report: &Value) -> Result<(), String> {
    let schema: Value = serde_json::from_str(include_str!("../../schema/report.schema.json")).unwrap();
    against(&schema, &schema, report, "report")
}

fn against(root: &Value, schema: &Value, value: &Value, path: &str) -> Result<(), String> {
    for (word, rule) in schema.as_object().ok_or("a schema is an object")? {
        let fail = || Err(format!("{path} breaks {word}: {rule}"));
        match word.as_str() {
            "$schema" | "$defs" | "title" | "description" | "properties" | "then" => {}
            "$ref" => {
                let name = rule.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                against(root, &root["$defs"][name], value, path)?;
            }
            "const" if value != rule => return fail(),
            "enum" if !rule.as_array().unwrap().contains(value) => return fail(),
            "const" | "enum" => {}
            "type" => {
                let fits = match rule.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "boolean" => value.is_boolean(),
                    "number" => value.is_number(),
                    "integer" => value.is_u64(),
                    other => panic!("the schema uses the type {other}"),
                };
                if !fits {
                    return fail();
                }
            }
            "required" if rule.as_array().unwrap().iter().any(|key| value.get(key.as_str().unwrap()).is_none()) => {
                return fail();
            }
            "required" => {}
            "additionalProperties" => {
                for (key, value) in value.as_object().unwrap() {
                    let known = schema["properties"].get(key);
                    match (known, rule) {
                        (Some(_), _) => {}
                        (None, Value::Bool(false)) => return Err(format!("{path} has {key:?}")),
                        (None, rule) => against(root, rule, value, &format!("{path}.{key}"))?,
                    }
                }
            }
            "items" => {
                for (index, item) in value.as_array().unwrap().iter().enumerate() {
                    against(root, rule, item, &format!("{path}[{index}]"))?;
                }
            }
            "allOf" => rule.as_array().unwrap().iter().try_for_each(|part| against(root, part, value, path))?,
            "if" if against(root, rule, value, path).is_ok() => against(root, &schema["then"], value, path)?,
            "if" => {}
            other => panic!("the schema uses {other}"),
        }
    }
    for (key, rule) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if let Some(value) = value.get(key) {
            against(root, rule, value, &format!("{path}.{key}"))?;
        }
    }
    Ok(())
}

#[test]
fn what_breaks_the_schema_is_found() {
    let column = serde_json::json!({
        "major": 18, "experimental": false, "command": "c", "verdict": "pass", "cached": false, "build_seconds": 0,
        "run_seconds": 0, "cases": [{ "case": "a", "test": "a", "verdict": "pass", "seconds": 0 }],
    });
    let report = |column: &Value| serde_json::json!({ "schema": 1, "columns": [column] });
    check(&report(&column)).unwrap();
    for (pointer, value) in [
        ("/major", Value::from("18")),
        ("/verdict", "xfail".into()),
        ("/verdict", "not-run".into()),
        ("/cases/0/verdict", "xfail".into()),
        ("/cases/0/verdict", "great".into()),
        ("/cases/0/seconds", Value::Null),
    ] {
        let mut broken = column.clone();
        *broken.pointer_mut(pointer).unwrap() = value;
        assert!(check(&report(&broken)).is_err(), "{pointer}");
    }
    let mut broken = column.clone();
    broken["more"] = 1.into();
    assert!(check(&report(&broken)).is_err());
}
