//! The help pages: public, the same for everyone, in English and Russian.
//!
//! A file has all pages of a language; a page is `# slug | title`, a line of tags, and its text,
//! whose first paragraph is the summary.

use serde::Serialize;
use serde_json::{Value, json};

use super::name::Locale;
use super::time::{DAY_US, iso};

const FILES: [(Locale, &str); 2] = [
    (Locale::En, include_str!("article/en.md")),
    (Locale::Ru, include_str!("article/ru.md")),
];

/// One page.
#[derive(Debug, Clone, Serialize)]
pub struct Article {
    /// Its name, the same in every language.
    pub slug: &'static str,
    /// `en` or `ru`.
    pub lang: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Its first paragraph.
    pub summary: &'static str,
    /// Its text, paragraphs separated by an empty line.
    pub body: &'static str,
    /// What it is about.
    pub tags: Vec<&'static str>,
    /// When it last changed.
    pub updated_at: String,
    /// Who wrote it, and who wants it changed: staff's.
    pub editors: Value,
}

impl Article {
    /// How well it answers a question; zero if not at all. Words count by their first five
    /// letters, which is near enough for two languages with endings.
    pub fn score(&self, question: &str) -> u32 {
        let stem = |word: &str| word.chars().take(5).collect::<String>();
        let words: Vec<String> = words(question).map(|it| stem(&it)).collect();
        let hits = |text: &str, weight: u32| -> u32 {
            let found = words_of(text, &words);
            u32::try_from(found)
                .unwrap_or(u32::MAX)
                .saturating_mul(weight)
        };
        hits(self.title, 4)
            .saturating_add(hits(&self.tags.join(" "), 4))
            .saturating_add(hits(self.body, 1).min(6))
    }
}

/// How many words of a text begin with one of these stems.
fn words_of(text: &str, stems: &[String]) -> usize {
    words(text)
        .filter(|word| stems.iter().any(|stem| word.starts_with(stem)))
        .count()
}

/// Words of three letters and more, in lower case.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.to_lowercase()
        .split(|it: char| !it.is_alphanumeric())
        .filter(|it| it.chars().count() > 2)
        .map(str::to_owned)
        .collect::<Vec<_>>()
        .into_iter()
}

/// Every page in every language.
pub(super) fn articles(base_us: i64) -> Vec<Article> {
    let pages = FILES.into_iter().flat_map(|(locale, text)| {
        let pages = text.split("\n# ").skip(1);
        pages.enumerate().map(move |(at, page)| (locale, at, page))
    });
    pages
        .filter_map(|(locale, at, page)| {
            let (head, rest) = page.split_once('\n')?;
            let (slug, title) = head.split_once(" | ")?;
            let (tags, body) = rest.split_once('\n')?;
            let body = body.trim();
            let days = i64::try_from(at).unwrap_or_default().saturating_mul(11);
            Some(Article {
                slug,
                lang: locale.code(),
                title,
                summary: body.split("\n\n").next().unwrap_or_default(),
                body,
                tags: tags.split(", ").collect(),
                updated_at: iso(base_us.saturating_sub(days.saturating_mul(DAY_US))),
                editors: json!({ "last": "IDSTAFF00008", "note": "Legal wants the word guarantee out." }),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_there_in_both_languages() {
        let all = articles(0);
        let of = |lang: &str| -> Vec<&str> {
            let pages = all.iter().filter(|it| it.lang == lang);
            pages.map(|it| it.slug).collect()
        };
        assert_eq!(of("en").len(), 12);
        assert_eq!(of("en"), of("ru"));
        for page in &all {
            assert!(
                page.body.chars().count() > 250,
                "{} {}",
                page.lang,
                page.slug
            );
            assert!(page.body.len() > page.summary.len() && page.tags.len() > 1);
        }
    }

    #[test]
    fn questions_find_their_page() {
        let all = articles(0);
        for (question, slug) in [
            ("why is my withdrawal still queued", "withdrawal-queued"),
            ("sent XRP without destination tag", "deposit-memo"),
            ("I lost my phone with 2FA", "lost-second-factor"),
            ("перевёл не в ту сеть", "deposit-wrong-network"),
            ("почему отклонили мой документ", "kyc-refused"),
            ("мне прислали поддельный чек", "p2p-receipts"),
        ] {
            let best = all.iter().max_by_key(|it| it.score(question)).unwrap();
            assert_eq!(best.slug, slug, "{question}");
        }
        assert!(all.iter().all(|it| it.score("zzzzz qqqqq") == 0));
    }
}
