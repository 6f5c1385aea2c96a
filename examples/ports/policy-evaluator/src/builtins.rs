//! The builtins of the host: those of OPA that this policy needs.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

/// A builtin: the operands and the result are JSON.
pub type Builtin = fn(&[Value]) -> Result<Value>;

/// The builtin of this name.
pub fn resolve(name: &str) -> Option<Builtin> {
    Some(match name {
        "glob.match" => glob_match,
        "hex.encode" => hex_encode,
        "regex.template_match" => template_match,
        "semver.compare" => semver_compare,
        "time.now_ns" => now,
        _ => return None,
    })
}

/// A fixed time, so that each run has the same output.
fn now(_: &[Value]) -> Result<Value> {
    Ok(json!(1_700_000_000_000_000_000_u64))
}

fn hex_encode(operands: &[Value]) -> Result<Value> {
    let [text] = strings(operands)?;
    Ok(text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().into())
}

fn semver_compare(operands: &[Value]) -> Result<Value> {
    let [one, two] = strings(operands)?;
    Ok(json!(version(one)?.cmp(&version(two)?) as i8))
}

/// The three numbers of a version.
fn version(text: &str) -> Result<Vec<u64>> {
    let numbers: Option<Vec<u64>> = text.split('.').map(|number| number.parse().ok()).collect();
    numbers.filter(|numbers| numbers.len() == 3).with_context(|| format!("{text:?} is not a version"))
}

fn glob_match(operands: &[Value]) -> Result<Value> {
    let [pattern, delimiters, text] = operands else { bail!("glob.match has three operands") };
    let [pattern, text] = strings(&[pattern.clone(), text.clone()])?.map(str::to_owned);
    let delimiters = delimiters.as_array().context("the delimiters are not an array")?;
    let delimiters: String = delimiters.iter().filter_map(Value::as_str).collect();
    Ok(glob(pattern.as_bytes(), text.as_bytes(), delimiters.as_bytes()).into())
}

/// `*` matches any text without a delimiter, and `**` any text.
fn glob(pattern: &[u8], text: &[u8], delimiters: &[u8]) -> bool {
    let (rest, most) = match pattern {
        [b'*', b'*', rest @ ..] => (rest, text.len()),
        [b'*', rest @ ..] => (rest, text.iter().take_while(|byte| !delimiters.contains(byte)).count()),
        [first, rest @ ..] => return text.first() == Some(first) && glob(rest, &text[1..], delimiters),
        [] => return text.is_empty(),
    };
    (0..=most).any(|length| glob(rest, &text[length..], delimiters))
}

/// Matches a text with a template: `.*` between the two delimiters stands for any text. Other expressions need a library.
fn template_match(operands: &[Value]) -> Result<Value> {
    let [template, text, start, end] = strings(operands)?;
    let (before, rest) = template.split_once(start).context("the template has no expression")?;
    let (expression, after) = rest.split_once(end).context("the expression of the template has no end")?;
    ensure!(expression == ".*", "the expression {expression:?} is not supported");
    let is_match = text.strip_prefix(before).is_some_and(|rest| rest.ends_with(after));
    Ok(is_match.into())
}

/// The operands, all of which must be strings.
fn strings<const N: usize>(operands: &[Value]) -> Result<[&str; N]> {
    let strings: Option<Vec<&str>> = operands.iter().map(Value::as_str).collect();
    let strings = strings.and_then(|strings| strings.try_into().ok());
    strings.with_context(|| format!("the operands are not {N} strings"))
}
