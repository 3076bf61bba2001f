use super::{Entity, Label, Tagger};
use crate::text::tests::Counter;
use crate::{Kind, Known, Profile, findings, redact};
use std::sync::{Arc, Mutex};

/// Labels listed words, and keeps what it was given.
#[derive(Debug, Default)]
struct Listed {
    people: &'static [&'static str],
    places: &'static [&'static str],
    fed: Mutex<Vec<String>>,
}

impl Tagger for Listed {
    fn name(&self) -> &'static str {
        "listed"
    }

    fn languages(&self) -> &'static [&'static str] {
        &["ru"]
    }

    fn tag(&self, words: &[&str]) -> Vec<Label> {
        self.fed.lock().unwrap().push(words.join(" "));
        let mut last = Label::Outside;
        let mut label = |word: &&str| {
            last = if self.people.contains(word) {
                match last {
                    Label::Begin(Entity::Person) | Label::Inside(Entity::Person) => {
                        Label::Inside(Entity::Person)
                    }
                    Label::Outside | Label::Begin(_) | Label::Inside(_) => {
                        Label::Begin(Entity::Person)
                    }
                }
            } else if self.places.contains(word) {
                Label::Begin(Entity::Place)
            } else {
                Label::Outside
            };
            last
        };
        words.iter().map(&mut label).collect()
    }

    fn reach(&self) -> usize {
        2
    }
}

fn listed(people: &'static [&'static str]) -> Arc<Listed> {
    Arc::new(Listed {
        people,
        ..Listed::default()
    })
}

#[test]
fn only_the_surroundings_of_candidates_are_fed() {
    let tagger = listed(&[]);
    let profile = Profile::agent().with(Arc::<Listed>::clone(&tagger));
    let text = "раз два три четыре Кто-то пять шесть семь восемь девять десять. a@b.cd Ой, Zhukovin there world how are you";
    findings(text, &Known::none(), &profile);
    let fed = tagger.fed.lock().unwrap();
    assert_eq!(
        *fed,
        [
            "три четыре Кто-то пять шесть",
            ". cd Ой , Zhukovin there world"
        ]
    );
}

#[test]
fn people_become_names_and_nothing_found_is_widened() {
    let tagger = listed(&["Зузак", "Ю", ".", "почта", "Зу@b.cd", "Зу", "@", "b", "cd"]);
    let profile = Profile::agent().with(tagger);
    let view = |text: &str| redact(text, &Known::none(), &profile, &mut Counter::default()).text;
    assert_eq!(view("пишет Зузак Ю. из дома"), "пишет [NAME_1] из дома");
    assert_eq!(
        view("от Зузак, почта zu@b.cd"),
        "от [NAME_1], почта [EMAIL_1]"
    );
    assert_eq!(
        view("вот почта zu@b.cd Зузак"),
        "вот почта [EMAIL_1] [NAME_1]"
    );
}

#[test]
fn profiles_with_other_taggers_differ() {
    let (one, two) = (listed(&[]), listed(&[]));
    let with = |t: &Arc<Listed>| Profile::agent().with(Arc::<Listed>::clone(t));
    assert_eq!(with(&one), with(&one));
    assert_ne!(with(&one), with(&two));
    assert_ne!(with(&one), Profile::agent());
}

#[test]
fn without_names_no_tagger_is_asked() {
    let tagger = listed(&[]);
    let profile = Profile::agent().with(Arc::<Listed>::clone(&tagger));
    findings("Это Анна", &Known::none(), &profile.without(Kind::Name));
    assert!(tagger.fed.lock().unwrap().is_empty());
}

/// Everything is a person to it.
#[derive(Debug)]
pub(crate) struct Eager;

impl Tagger for Eager {
    fn name(&self) -> &'static str {
        "eager"
    }

    fn languages(&self) -> &'static [&'static str] {
        &["ru", "en"]
    }

    fn tag(&self, words: &[&str]) -> Vec<Label> {
        vec![Label::Inside(Entity::Person); words.len()]
    }
}

#[test]
fn no_tagger_changes_what_must_not_be_stored() {
    let profile = Profile::agent().with(Arc::new(Eager));
    for text in [
        "Пароль: Иван1 Петров А.",
        "password: Hunter2! Bob",
        "Код из СМС 4821 Ой",
        "İ É\u{301} Ａ \u{e0041} X",
    ] {
        let redacted = redact(text, &Known::none(), &profile, &mut Counter::default());
        assert_eq!(redacted.sealable, crate::never_stored(text).0);
    }
}
