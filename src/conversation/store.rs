//! Tables of conversations and of placeholder numbers.

use crate::db::{Result, Tx, on};

/// A conversation's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its id: 16 random bytes.
    pub id: Vec<u8>,
    /// Keyed look-up of its owner: the subject, or the guest's conversation itself.
    pub owner: Vec<u8>,
    /// The agent it belongs to.
    pub agent: String,
    /// Keyed digest of the token's `sid`, where it was opened by one.
    pub session: Option<Vec<u8>>,
    /// Whether it has no subject.
    pub guest: bool,
    /// Its language: `en`, `ru`, `de`.
    pub locale: String,
    /// Whether it is closed.
    pub closed: bool,
    /// How many turns it has.
    pub turns: i64,
    /// When it was opened, microseconds.
    pub opened_us: i64,
    /// Whether it was a guest's before: what was said then, and the numbers of its placeholders,
    /// stay under the guest's key.
    pub attached: bool,
}

/// A guest's conversation that becomes a customer's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The conversation.
    pub id: [u8; 16],
    /// The agent whose it is.
    pub agent: String,
    /// Keyed look-up of the guest.
    pub guest: [u8; 32],
    /// Keyed look-up of the customer.
    pub owner: [u8; 32],
    /// Keyed digest of the customer's session, if the token has one.
    pub session: Option<[u8; 32]>,
}

impl<'r, R: sqlx::Row> sqlx::FromRow<'r, R> for Row
where
    usize: sqlx::ColumnIndex<R>,
    Vec<u8>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    Option<Vec<u8>>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    String: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    i64: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    fn from_row(row: &'r R) -> Result<Self> {
        let flag = |at: usize| row.try_get::<i64, _>(at).map(|n| n != 0);
        Ok(Self {
            id: row.try_get(0)?,
            owner: row.try_get(1)?,
            agent: row.try_get(2)?,
            session: row.try_get(3)?,
            guest: flag(4)?,
            locale: row.try_get(5)?,
            closed: flag(6)?,
            turns: row.try_get(7)?,
            opened_us: row.try_get(8)?,
            attached: flag(9)?,
        })
    }
}

impl Tx {
    /// Opens a conversation; false if its session has one already.
    pub async fn conversation_open(&mut self, row: &Row) -> Result<bool> {
        const SQL: &str = "INSERT INTO conversation \
             (id, owner, agent, session, guest, locale, closed, turns, opened_us) \
             VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $7) ON CONFLICT DO NOTHING";
        on!(self, c => sqlx::query(SQL).bind(row.id.as_slice()).bind(row.owner.as_slice())
            .bind(row.agent.as_str()).bind(row.session.as_deref()).bind(i64::from(row.guest))
            .bind(row.locale.as_str()).bind(row.opened_us).execute(c).await
            .map(|done| done.rows_affected() == 1))
    }

    /// Counts turn number `turn`; false if it is taken, or the conversation closed or gone.
    pub async fn conversation_turn(&mut self, id: &[u8], turn: i64) -> Result<bool> {
        const SQL: &str =
            "UPDATE conversation SET turns = $1 WHERE id = $2 AND closed = 0 AND turns = $3";
        on!(self, c => sqlx::query(SQL).bind(turn).bind(id).bind(turn - 1).execute(c).await
            .map(|done| done.rows_affected() == 1))
    }

    /// Closes a conversation; false if it is closed or gone.
    pub async fn conversation_close(&mut self, id: &[u8]) -> Result<bool> {
        const SQL: &str = "UPDATE conversation SET closed = 1 WHERE id = $1 AND closed = 0";
        on!(self, c => sqlx::query(SQL).bind(id).execute(c).await
            .map(|done| done.rows_affected() == 1))
    }

    /// Gives a guest's conversation to a customer; false if it is not an open one of this agent
    /// and guest. Of two conversations of one session, the first stays the session's.
    pub async fn conversation_attach(&mut self, to: &Attachment) -> Result<bool> {
        const MOVE: &str = "UPDATE conversation SET owner = $1, guest = 0, attached = 1, session = \
             CASE WHEN EXISTS (SELECT 1 FROM conversation c WHERE c.session = $2) \
             THEN NULL ELSE $2 END \
             WHERE id = $3 AND guest = 1 AND closed = 0 AND owner = $4 AND agent = $5";
        const LINK: &str = "INSERT INTO guest (guest, owner) VALUES ($1, $2)";
        let session = to.session.as_ref().map(<[u8; 32]>::as_slice);
        let moved = on!(self, c => sqlx::query(MOVE).bind(to.owner.as_slice()).bind(session)
            .bind(to.id.as_slice()).bind(to.guest.as_slice()).bind(to.agent.as_str())
            .execute(c).await.map(|done| done.rows_affected()))?;
        if moved != 1 {
            return Ok(false);
        }
        on!(self, c => sqlx::query(LINK).bind(to.guest.as_slice()).bind(to.owner.as_slice())
            .execute(c).await.map(|_done| true))
    }

    /// The guests whose conversations are an owner's now, in order.
    pub async fn guests_of(&mut self, owner: &[u8; 32]) -> Result<Vec<[u8; 32]>> {
        const SQL: &str = "SELECT guest FROM guest WHERE owner = $1 ORDER BY guest";
        let rows: Vec<(Vec<u8>,)> =
            on!(self, c => sqlx::query_as(SQL).bind(owner.as_slice()).fetch_all(c).await)?;
        let wrong = |_length: Vec<u8>| sqlx::Error::Decode("a look-up is not 32 bytes".into());
        let guests = rows.into_iter().map(|(guest,)| guest.try_into());
        guests.map(|guest| guest.map_err(wrong)).collect()
    }

    /// Forgets guests of an owner; false if the owner has others than were thought.
    pub async fn guests_forget(
        &mut self,
        owner: &[u8; 32],
        guests: &[[u8; 32]],
        gone: &[[u8; 32]],
    ) -> Result<bool> {
        const SQL: &str = "DELETE FROM guest WHERE guest = $1";
        if self.guests_of(owner).await? != guests {
            return Ok(false);
        }
        for guest in gone {
            on!(self, c => sqlx::query(SQL).bind(guest.as_slice()).execute(c).await.map(drop))?;
        }
        Ok(true)
    }

    /// One conversation.
    pub async fn conversation(&mut self, id: &[u8]) -> Result<Option<Row>> {
        const SQL: &str = "SELECT id, owner, agent, session, guest, locale, closed, turns, \
             opened_us, attached FROM conversation WHERE id = $1";
        on!(self, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await)
    }

    /// The conversation that a token's session opened.
    pub async fn conversation_by_session(&mut self, session: &[u8]) -> Result<Option<Row>> {
        const SQL: &str = "SELECT id, owner, agent, session, guest, locale, closed, turns, \
             opened_us, attached FROM conversation WHERE session = $1";
        on!(self, c => sqlx::query_as(SQL).bind(session).fetch_optional(c).await)
    }

    /// Which of these conversations are open, and whether a guest's.
    pub async fn conversations_open(&mut self, ids: &[[u8; 16]]) -> Result<Vec<([u8; 16], bool)>> {
        let rows: Vec<(Vec<u8>, i64)> = self
            .select_among(
                "SELECT id, guest FROM conversation WHERE closed = 0 AND id",
                ids,
            )
            .await?;
        let open = rows
            .into_iter()
            .filter_map(|(id, guest)| Some((id.try_into().ok()?, guest != 0)));
        Ok(open.collect())
    }

    /// Forgets an owner's conversations and their placeholders.
    pub async fn conversations_forget(&mut self, owner: &[u8]) -> Result<()> {
        const PLACEHOLDERS: &str = "DELETE FROM placeholder WHERE conversation IN \
             (SELECT id FROM conversation WHERE owner = $1)";
        const CONVERSATIONS: &str = "DELETE FROM conversation WHERE owner = $1";
        // The conversations' rows are locked first, so that no number is kept meanwhile.
        const LOCK: &str = "UPDATE conversation SET turns = turns WHERE owner = $1";
        on!(self, c => sqlx::query(LOCK).bind(owner).execute(c).await.map(drop))?;
        on!(self, c => sqlx::query(PLACEHOLDERS).bind(owner).execute(c).await.map(drop))?;
        on!(self, c => sqlx::query(CONVERSATIONS).bind(owner).execute(c).await.map(drop))
    }

    /// A conversation's placeholders, in the order they were given: label, digest.
    pub async fn placeholders(&mut self, conversation: &[u8]) -> Result<Vec<(String, Vec<u8>)>> {
        const SQL: &str = "SELECT kind, digest FROM placeholder WHERE conversation = $1 ORDER BY n";
        on!(self, c => sqlx::query_as(SQL).bind(conversation).fetch_all(c).await)
    }

    /// Locks a conversation's row until the transaction ends; false if it is gone.
    pub async fn conversation_lock(&mut self, id: &[u8]) -> Result<bool> {
        const SQL: &str = "UPDATE conversation SET turns = turns WHERE id = $1";
        on!(self, c => sqlx::query(SQL).bind(id).execute(c).await
            .map(|done| done.rows_affected() == 1))
    }

    /// Gives a value the conversation's next place, unless it has one.
    pub async fn placeholder_put(
        &mut self,
        conversation: &[u8],
        kind: &str,
        digest: &[u8],
    ) -> Result<()> {
        const SQL: &str = "INSERT INTO placeholder (conversation, kind, digest, n) \
             SELECT $1, $2, $3, (SELECT COUNT(*) FROM placeholder WHERE conversation = $4) \
             WHERE TRUE ON CONFLICT DO NOTHING";
        on!(self, c => sqlx::query(SQL).bind(conversation).bind(kind).bind(digest)
            .bind(conversation).execute(c).await.map(drop))
    }
}
