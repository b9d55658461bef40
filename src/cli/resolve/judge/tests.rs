use super::*;

const ADA: &str = "5c1d0a2e-0000-4000-8000-000000000001";
const JOE: &str = "5c1d0a2e-0000-4000-8000-000000000002";

fn entry(id: &str, addresses: &[&str], name: &str) -> Entry {
    Entry {
        id: id.to_owned(),
        app_id: None,
        display_name: Some(name.to_owned()),
        addresses: addresses.iter().map(|&mail| mail.to_owned()).collect(),
        complete: true,
    }
}

fn of(text: &str) -> Subject {
    Subject::gather(&[text.to_owned()], None).expect("a subject")
}

fn answered(question: Question, entries: Vec<Entry>) -> (Step, Vec<Entry>) {
    (Step::answered(0, question, &entries), entries)
}

#[test]
fn what_the_directory_knows_is_added_once_and_said_by_its_form() {
    let mut subject = of("ada@contoso.com");
    let ada = entry(
        ADA,
        &["ADA@contoso.com", "ada.berg@contoso.com", "no address"],
        "Ada Lindqvist",
    );
    let asked = vec![
        answered(Question::UserNamed, Vec::new()),
        answered(Question::UsersAt, vec![ada.clone()]),
        answered(Question::DeletedUsersAt, Vec::new()),
    ];
    let mut accounts = Vec::new();
    let (steps, text) = take(&mut subject, Form::Mail, asked, &mut accounts);
    assert_eq!(
        steps.iter().map(|step| step.status).collect::<Vec<_>>(),
        [Status::NotFound, Status::Found, Status::NotFound]
    );
    assert_eq!(steps[1].added, [Form::ObjectId, Form::Mail, Form::Name]);
    assert_eq!(
        text,
        "Microsoft Graph knows one mail that was given (users by address): added 1 object-id, 1 mail, 1 name"
    );
    assert_eq!((accounts.len(), subject.identifiers().len()), (1, 4));
    let again = vec![answered(Question::UserNamed, vec![ada])];
    let (_, text) = take(&mut subject, Form::Mail, again, &mut accounts);
    assert!(text.ends_with("nothing new"), "{text}");
    assert!(closing(&[], &steps, &accounts[..1]).len() <= 1);
}

#[test]
fn of_two_people_nobody_is_taken() {
    for second in [Question::UsersAt, Question::DeletedUsersAt] {
        let mut subject = of("ada@contoso.com");
        let asked = vec![
            answered(Question::UserNamed, vec![entry(ADA, &[], "Ada")]),
            answered(second, vec![entry(JOE, &[], "Joe")]),
        ];
        let mut accounts = Vec::new();
        let (steps, text) = take(&mut subject, Form::Mail, asked, &mut accounts);
        assert!(steps.iter().all(|step| step.status == Status::Ambiguous));
        assert!(steps.iter().all(|step| step.added.is_empty()));
        assert!(text.contains("2 different people") && text.contains("--object-id"));
        assert_eq!((accounts.len(), subject.identifiers().len()), (0, 1));
    }
    // The same person twice is one, whatever the spelling.
    let mut subject = of("ada@contoso.com");
    let asked = vec![
        answered(Question::UserNamed, vec![entry(ADA, &[], "Ada")]),
        answered(
            Question::UsersAt,
            vec![entry(&ADA.to_uppercase(), &[], "Ada")],
        ),
    ];
    let (steps, _) = take(&mut subject, Form::Mail, asked, &mut Vec::new());
    assert!(steps.iter().all(|step| step.status == Status::Found));
}

#[test]
fn nobody_known_and_nobody_asked_are_told_apart() {
    let mut subject = of(ADA);
    let none = vec![answered(Question::User, Vec::new())];
    let (_, text) = take(&mut subject, Form::ObjectId, none, &mut Vec::new());
    assert!(text.contains("knows nobody"), "{text}");
    let step = Step::unanswered(0, Question::DeletedUser, Status::Denied, "no");
    let asked = vec![
        answered(Question::User, Vec::new()),
        (step.clone(), Vec::new()),
    ];
    let (_, text) = take(&mut subject, Form::ObjectId, asked, &mut Vec::new());
    assert!(text.contains("is not known"), "{text}");
    assert_eq!(
        serde_json::to_value(&step).expect("JSON"),
        serde_json::json!({"identifier": 0, "step": "deleted user by object id", "status": "denied", "added": [], "why": "no"})
    );
}

#[test]
fn a_service_principal_is_known_by_its_application_too() {
    let mut subject = of(ADA);
    let robot = Entry {
        app_id: Some(JOE.to_owned()),
        ..entry(ADA, &[], "contoso-automation")
    };
    let asked = vec![answered(Question::ServicePrincipal, vec![robot])];
    let (steps, _) = take(&mut subject, Form::ObjectId, asked, &mut Vec::new());
    assert_eq!(steps[0].added, [Form::ObjectId, Form::Name]);
}

#[test]
fn a_failure_says_what_is_missing_and_never_what_the_service_said() {
    let denied = |status| Fault::Denied {
        host: "h".into(),
        path: "/v1.0/users/{id}".into(),
        status,
        code: Some("Authorization_RequestDenied".into()),
        message: "no ada@contoso.com for you".into(),
        request_id: None,
    };
    for (door, permission) in [
        (Door::Users, "User.Read.All"),
        (Door::Deleted, "User Administrator"),
        (Door::Principals, "Application.Read.All"),
    ] {
        let (status, why, reach) = failure(&denied(403), door);
        assert_eq!((status, reach), (Status::Denied, Reach::Door));
        assert!(why.contains(permission) && !why.contains("ada@"), "{why}");
    }
    let (_, why, reach) = failure(&denied(401), Door::Users);
    assert!(reach == Reach::Directory && !why.contains("ada@"), "{why}");
    let service = Fault::Service {
        host: "h".into(),
        path: "/v1.0/users/{id}".into(),
        status: 400,
        code: None,
        message: "bad filter 'ada@contoso.com'".into(),
        tries: 1,
        request_id: None,
    };
    let (status, why, reach) = failure(&service, Door::Users);
    assert_eq!((status, reach), (Status::Failed, Reach::Question));
    assert!(!why.contains("ada@"), "{why}");
    let network = Fault::Network {
        host: "h".into(),
        path: "/v1.0/users/{id}".into(),
        what: "no connection".into(),
        tries: 8,
    };
    let (status, _, reach) = failure(&network, Door::Users);
    assert_eq!((status, reach), (Status::Failed, Reach::Directory));
    let sign_in = Fault::SignIn(crate::wire::access::AccessError::GivenTokenNotForGraph);
    let (status, why, reach) = failure(&sign_in, Door::Users);
    assert_eq!((status, reach), (Status::Denied, Reach::Directory));
    assert!(why.contains("no token for Microsoft Graph"), "{why}");
}

#[test]
fn what_is_known_when_everything_was_asked() {
    let name = of("Ada Lindqvist");
    let said = closing(name.identifiers(), &[], &[]);
    assert!(said[0].contains("several people may have it"), "{said:?}");
    let both = Subject::gather(&["Ada Lindqvist".into(), ADA.into()], None).expect("a subject");
    assert!(closing(both.identifiers(), &[], &[]).is_empty());
    let accounts = [ADA.to_owned(), JOE.to_owned(), ADA.to_owned()];
    let said = closing(both.identifiers(), &[], &accounts);
    assert!(said[0].contains("2 accounts"), "{said:?}");
    let partly = Entry {
        complete: false,
        ..entry(ADA, &[], "Ada")
    };
    let step = Step::answered(0, Question::User, &[partly]);
    let said = closing(both.identifiers(), &[step], &[]);
    assert!(said[0].contains("User.Read.All"), "{said:?}");
}
