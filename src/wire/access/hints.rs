//! What to do about the refusals that Entra ID gives most often.

/// The first `AADSTS` code in a text.
pub(super) fn code_in(text: &str) -> Option<&str> {
    let at = text.find("AADSTS")?;
    let digits = text[at + 6..]
        .bytes()
        .take_while(u8::is_ascii_digit)
        .count();
    (digits > 0).then(|| &text[at..at + 6 + digits])
}

/// The next step for a refusal. `fallback` is what fits the credential when the code says nothing more.
pub(super) fn next_step(text: &str, fallback: &str) -> String {
    let known = match code_in(text).unwrap_or_default() {
        "AADSTS7000215" => {
            "Check that AZURE_CLIENT_SECRET holds the secret's value and not its id."
        }
        "AADSTS7000222" => {
            "The client secret has expired: add a new one to the app registration and set AZURE_CLIENT_SECRET."
        }
        "AADSTS700027" => {
            "Upload the certificate to the app registration named by AZURE_CLIENT_ID, and check that it has not expired."
        }
        "AADSTS700016" => {
            "Check AZURE_CLIENT_ID and AZURE_TENANT_ID: this tenant does not know this application."
        }
        "AADSTS90002" | "AADSTS900023" => {
            "Check AZURE_TENANT_ID and the cloud: no such tenant is known there."
        }
        "AADSTS70021" | "AADSTS700211" | "AADSTS700212" | "AADSTS700213" => {
            "Compare issuer, subject and audience of the federated credential with those of this job or pod."
        }
        "AADSTS500011" | "AADSTS650057" => {
            "Check that the chosen cloud is the one this identity belongs to (az cloud list)."
        }
        "AADSTS50076" | "AADSTS50078" | "AADSTS50079" => {
            "The tenant asks for a second factor: run az login with --scope https://management.azure.com/.default"
        }
        "AADSTS53000" | "AADSTS53001" | "AADSTS53003" | "AADSTS530003" => {
            "A conditional access policy of the tenant forbids this sign-in: use a device or an identity that it allows."
        }
        "AADSTS70043" | "AADSTS700082" | "AADSTS50173" | "AADSTS700084" => {
            "The saved sign-in has ended: run az login again."
        }
        _ => fallback,
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_found_and_the_fallback_kept() {
        assert_eq!(code_in("xx AADSTS7000215: bad"), Some("AADSTS7000215"));
        assert_eq!(code_in("AADSTS: none"), None);
        assert!(next_step("AADSTS7000222: old", "else").contains("expired"));
        assert_eq!(next_step("AADSTS1: new", "else"), "else");
    }
}
