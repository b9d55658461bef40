//! Whole sign-ins against a token service on loopback, and the helpers that the other tests share.

use std::sync::Mutex;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

/// An environment of these variables alone.
pub(super) fn env(vars: &[(&str, &str)]) -> Environment {
    let vars: Vec<(String, String)> = vars
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    Arc::new(move |wanted| {
        vars.iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.clone())
    })
}

pub(super) struct Server {
    /// Ends in a slash.
    pub(super) address: String,
    requests: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    pub(super) fn request(&self) -> String {
        self.requests
            .lock()
            .expect("whole")
            .first()
            .cloned()
            .unwrap_or_default()
    }

    fn count(&self) -> usize {
        self.requests.lock().expect("whole").len()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers every request alike, and keeps what was asked.
pub(super) async fn serve(status: u16, body: &'static str) -> Server {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = format!("http://{}/", listener.local_addr().expect("an address"));
    let requests = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&requests);
    let task = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut text = Vec::new();
            let mut chunk = [0; 4096];
            while let Ok(read @ 1..) = stream.read(&mut chunk).await {
                text.extend_from_slice(&chunk[..read]);
                let seen = String::from_utf8_lossy(&text);
                let Some((head, rest)) = seen.split_once("\r\n\r\n") else {
                    continue;
                };
                let length = head.lines().find_map(|line| {
                    line.to_ascii_lowercase()
                        .strip_prefix("content-length:")?
                        .trim()
                        .parse()
                        .ok()
                });
                if rest.len() >= length.unwrap_or(0) {
                    break;
                }
            }
            kept.lock()
                .expect("whole")
                .push(String::from_utf8_lossy(&text).into_owned());
            let answer = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            // A caller that has gone away is no concern of the test's server.
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    Server {
        address,
        requests,
        task,
    }
}

const PRINCIPAL: [(&str, &str); 3] = [
    ("AZURE_TENANT_ID", "tenant-1"),
    ("AZURE_CLIENT_ID", "client-1"),
    ("AZURE_CLIENT_SECRET", "s3cr3t-of-mine"),
];
const GRANT: &str = r#"{"token_type":"Bearer","expires_in":3600,"access_token":"tok-1"}"#;

fn emulator(server: &Server) -> Cloud {
    Cloud::at_arm_endpoint(&server.address).expect("loopback")
}

#[tokio::test]
async fn a_service_principal_signs_in_and_the_token_is_kept() {
    let server = serve(200, GRANT).await;
    let tokens = open_with(SignIn::Auto, &emulator(&server), env(&PRINCIPAL)).expect("open");
    for force in [false, false, true] {
        let token = tokens
            .token("https://x/.default", force)
            .await
            .expect("a token");
        assert_eq!(token.secret.expose(), "tok-1");
    }
    assert_eq!(
        server.count(),
        2,
        "the forced refresh asks the service again"
    );
    assert_eq!(
        tokens.served_by().as_deref(),
        Some("environment (service principal)")
    );
    let request = server.request();
    assert!(
        request.starts_with("POST /tenant-1/oauth2/v2.0/token "),
        "{request}"
    );
    assert!(
        request.contains("client_secret=s3cr3t-of-mine")
            && request.contains("scope=https%3A%2F%2Fx%2F.default"),
        "{request}"
    );
}

#[tokio::test]
async fn a_certificate_signs_in() {
    let server = serve(200, GRANT).await;
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("cert.pem");
    std::fs::write(&path, certificate::tests::key_and_pem().1).expect("a file");
    let path = path.display().to_string();
    let vars = [
        ("AZURE_TENANT_ID", "tenant-1"),
        ("AZURE_CLIENT_ID", "client-1"),
        ("AZURE_CLIENT_CERTIFICATE_PATH", path.as_str()),
    ];
    let tokens = open_with(
        SignIn::Named("env".to_owned()),
        &emulator(&server),
        env(&vars),
    )
    .expect("open");
    assert_eq!(
        tokens
            .token("https://x/.default", false)
            .await
            .expect("a token")
            .secret
            .expose(),
        "tok-1"
    );
    assert!(
        server.request().contains("client_assertion=eyJ"),
        "{}",
        server.request()
    );
}

#[tokio::test]
async fn a_workload_identity_signs_in() {
    let server = serve(200, GRANT).await;
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("token");
    std::fs::write(&path, "federated").expect("a file");
    let path = path.display().to_string();
    let vars = [
        ("AZURE_TENANT_ID", "tenant-1"),
        ("AZURE_CLIENT_ID", "client-1"),
        ("AZURE_FEDERATED_TOKEN_FILE", path.as_str()),
    ];
    let tokens = open_with(SignIn::Auto, &emulator(&server), env(&vars)).expect("open");
    tokens
        .token("https://x/.default", false)
        .await
        .expect("a token");
    assert_eq!(tokens.served_by().as_deref(), Some("workload identity"));
    assert!(
        server.request().contains("client_assertion=federated"),
        "{}",
        server.request()
    );
}

#[tokio::test]
async fn a_refused_secret_stops_and_is_not_shown() {
    let server = serve(
        401,
        r#"{"error":"invalid_client","error_codes":[7000215],"error_description":"AADSTS7000215: Invalid client secret s3cr3t-of-mine at https://login.example/x?sig=abc. Trace ID: 7b795fb9-09d3-42f4-a494-38864f99ba3c"}"#,
    )
    .await;
    let tokens = open_with(SignIn::Auto, &emulator(&server), env(&PRINCIPAL)).expect("open");
    let error = tokens
        .token("https://x/.default", false)
        .await
        .expect_err("refused");
    for text in [
        error.to_string(),
        format!("{error:?}"),
        format!("{:#}", anyhow::Error::from(error.clone())),
    ] {
        assert!(
            text.contains("AADSTS7000215") && text.contains("7b795fb9"),
            "{text}"
        );
        assert!(text.contains("secret's value"), "{text}");
        for secret in ["s3cr3t", "sig=", "eyJ", "127.0.0.1", "https://"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    assert_eq!(tokens.served_by(), None);
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_told_as_such() {
    let server = serve(200, "<html>proxy says eyJhbGciOiJub25lIn0.e30.c2ln</html>").await;
    let tokens = open_with(SignIn::Auto, &emulator(&server), env(&PRINCIPAL)).expect("open");
    let error = tokens
        .token("https://x/.default", false)
        .await
        .expect_err("no token")
        .to_string();
    assert!(error.contains("proxy") && !error.contains("eyJ"), "{error}");
}

#[tokio::test]
async fn a_named_credential_that_is_not_set_up_says_so() {
    let cloud = Cloud::at_arm_endpoint("http://127.0.0.1:1").expect("loopback");
    for (name, expected) in [
        ("env", "AZURE_CLIENT_SECRET"),
        ("workload", "AZURE_FEDERATED_TOKEN_FILE"),
        ("pipelines", "SYSTEM_OIDCREQUESTURI"),
    ] {
        let tokens = open_with(
            SignIn::Named(name.to_owned()),
            &cloud,
            env(&[("AZURE_CLIENT_SECRET", " ")]),
        )
        .expect("open");
        let error = tokens
            .token("https://x/.default", false)
            .await
            .expect_err(name)
            .to_string();
        assert!(
            error.contains(expected) && error.contains("az login"),
            "{error}"
        );
    }
}

#[test]
fn choices_that_can_never_work_fail_at_once() {
    let public = Cloud::public();
    assert!(matches!(
        open_with(SignIn::None, &public, env(&[])),
        Err(AccessError::NotAnEmulator { .. })
    ));
    assert!(matches!(
        open_with(SignIn::Named("x".to_owned()), &public, env(&[])),
        Err(AccessError::UnknownName { .. })
    ));
    assert!(matches!(
        open_with(
            SignIn::Auto,
            &public,
            env(&[("AZURE_TOKEN_CREDENTIALS", "x")])
        ),
        Err(AccessError::UnknownName { .. })
    ));
    assert!(matches!(
        open_with(
            SignIn::Auto,
            &public,
            env(&[("AZURE_AUTHORITY_HOST", "http://x")])
        ),
        Err(AccessError::BadSetting { .. })
    ));
}
