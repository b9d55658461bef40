//! The file of `--subject-file`: JSON, or one identifier a line.

use serde_json::Value;

use super::{Form, Identifier, SubjectError};

/// The identifiers of a file, in its order.
pub(super) fn read(file: &str) -> Result<Vec<Identifier>, SubjectError> {
    let text = file.trim_start_matches('\u{feff}').trim();
    // A list of lines may begin with a GUID in braces, which is no JSON.
    let first = text.lines().next().unwrap_or_default();
    let braced = Identifier::parse(first).is_ok_and(|id| id.form == Form::ObjectId);
    if text.starts_with(['[', '{', '"']) && !braced {
        let value: Value =
            serde_json::from_str(text).map_err(|error| SubjectError::BadList(error.to_string()))?;
        return of_json(&value);
    }
    let lines = text.lines().enumerate();
    lines
        .filter_map(|(index, line)| {
            let line = without_comment(line);
            (!line.is_empty()).then(|| {
                Identifier::parse(line)
                    .map_err(|error| SubjectError::BadList(format!("line {}: {error}", index + 1)))
            })
        })
        .collect()
}

/// A comment begins the line or follows a blank: a guest's principal name (`#EXT#`) has the sign inside.
fn without_comment(line: &str) -> &str {
    let line = line.trim();
    if line.starts_with('#') {
        return "";
    }
    line.find(" #")
        .or_else(|| line.find("\t#"))
        .map_or(line, |at| line[..at].trim())
}

fn of_json(value: &Value) -> Result<Vec<Identifier>, SubjectError> {
    let Value::Object(map) = value else {
        return of_value("identifiers", None, value);
    };
    let mut found = Vec::new();
    for (key, value) in map {
        found.extend(of_value(key, form_of(key)?, value)?);
    }
    Ok(found)
}

/// What a key says its values are; `None` where their shape has to say it.
fn form_of(key: &str) -> Result<Option<Form>, SubjectError> {
    let word: String = key
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let word = if word.ends_with("addresses") {
        word.trim_end_matches("es")
    } else {
        word.trim_end_matches('s')
    };
    Ok(Some(match word {
        "objectid" | "oid" | "id" | "userobjectid" => Form::ObjectId,
        "upn" | "userprincipalname" | "mail" | "email" | "emailaddress" | "othermail"
        | "proxyaddress" | "address" => Form::Mail,
        "name" | "displayname" | "username" => Form::Name,
        "puid" | "userpuid" => Form::Puid,
        "altsecid" | "useraltsecid" | "alternativesecurityid" => Form::AltSecId,
        "identifier" | "subject" => return Ok(None),
        _ => {
            return Err(SubjectError::BadList(format!(
                "`{key}` is none of objectId, upn, mail, names, puid, altSecId, identifiers"
            )));
        }
    }))
}

fn of_value(key: &str, form: Option<Form>, value: &Value) -> Result<Vec<Identifier>, SubjectError> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => {
            let mut found = Vec::new();
            for item in items {
                if item.is_array() {
                    return Err(misplaced(key));
                }
                found.extend(of_value(key, form, item)?);
            }
            Ok(found)
        }
        Value::String(text) => {
            let one = match form {
                None => Identifier::parse(text),
                Some(Form::Mail) => Identifier::new(Form::Mail, without_scheme(text)),
                Some(form) => Identifier::new(form, text),
            };
            one.map(|identifier| vec![identifier])
                .map_err(|error| SubjectError::BadList(format!("`{key}`: {error}")))
        }
        _ => Err(misplaced(key)),
    }
}

fn misplaced(key: &str) -> SubjectError {
    SubjectError::BadList(format!("`{key}` holds neither a text nor a list of texts"))
}

/// Directories write proxy addresses as `SMTP:ada@contoso.com`, in capitals for the first one.
fn without_scheme(text: &str) -> &str {
    let text = text.trim();
    match text.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("smtp") => rest,
        _ => text,
    }
}
