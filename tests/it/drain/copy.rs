//! An older copy of a database, put back as a restored backup would be.

use crate::harness::Place;

/// A copy of a database that nobody has open.
pub(super) enum Copy {
    Files(Vec<(std::path::PathBuf, Vec<u8>)>),
    Template(String),
}

impl Copy {
    pub(super) async fn take(place: &Place) -> Self {
        let Some(name) = place.database() else {
            let names = [
                "ledger.db",
                "ledger.db-wal",
                "ledger.db.keys",
                "ledger.db.keys-wal",
            ];
            let files = names.map(|name| place.path(name));
            let read = |file: std::path::PathBuf| Some((file.clone(), std::fs::read(file).ok()?));
            return Self::Files(files.into_iter().filter_map(read).collect());
        };
        let older = format!("{name}_older");
        place
            .admin(&format!("CREATE DATABASE {older} TEMPLATE {name}"))
            .await;
        Self::Template(older)
    }

    pub(super) async fn put_back(self, place: &Place) {
        match self {
            Self::Files(files) => {
                for name in ["ledger.db-wal", "ledger.db-shm"] {
                    drop(std::fs::remove_file(place.path(name)));
                }
                for (file, bytes) in files {
                    std::fs::write(file, bytes).unwrap();
                }
            }
            Self::Template(older) => {
                let name = place.database().unwrap();
                place.admin(&format!("DROP DATABASE {name}")).await;
                place
                    .admin(&format!("ALTER DATABASE {older} RENAME TO {name}"))
                    .await;
            }
        }
    }
}

impl Place {
    /// The database's name in the cluster, on PostgreSQL.
    fn database(&self) -> Option<String> {
        let name = self.url.strip_prefix("postgres:///")?.split('?').next()?;
        Some(name.to_owned())
    }

    /// Runs a statement from another database of the same cluster.
    async fn admin(&self, sql: &str) {
        let url = self.url.replace(&self.database().unwrap(), "postgres");
        let pool = sqlx::PgPool::connect(&url).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))
            .execute(&pool)
            .await
            .unwrap();
        pool.close().await;
    }
}
