//! `README.txt`: what lies in a bundle and how to check it, for whoever receives one.

/// The text, in English, Russian and German.
pub const README: &str = "\
ENGLISH

These are records from the ledger of a gateway between AI assistants and an exchange.
Unpack the archive first; what is checked is the folder.

How to check it, with Python 3.9 or later and nothing else:

    python3 verify.py . --trust trust.txt

Use a verify.py that you got from somebody else than the sender, if you can: one that came with
the records could say anything. trust.txt holds the keys you trust. It must come to you by another
way than this bundle: from the exchange's website, an earlier letter, or a witness. Without it the
verifier says whether the files fit together, but not whose they are.

The verifier prints five verdicts:

    integrity      nothing was changed since it was signed
    authenticity   it was signed by the keys you trust
    completeness   no record in scope was left out
    time           when the records were made
    erasure        what was erased, and under which record

Exit status 0: checked. 10: changed or forged. 11: it contradicts a checkpoint you hold.
12: not proved. Keep proofs/checkpoint: with it a later bundle can be compared (--head).

What is not proved: that what was recorded is true; anything after the checkpoint; what was never
recorded. views/ is for reading and is no evidence: entries.jsonl and bodies/ are. If the keys are
encrypted (keys.age), open them with your age identity:

    tidewaiter-audit open . --identity key.txt --out opened

Texts in this bundle are copies. An erasure at the exchange does not reach them: delete them when
you no longer need them.


РУССКИЙ

Это записи из журнала шлюза между ИИ-ассистентами и биржей.
Сначала распакуйте архив: проверяется папка.

Как проверить (нужен только Python 3.9 или новее):

    python3 verify.py . --trust trust.txt

По возможности возьмите verify.py не у отправителя: присланный вместе с записями может сообщить
что угодно. В trust.txt лежат ключи, которым вы доверяете. Он должен попасть к вам другим путём:
с сайта биржи, из прежнего письма, от свидетеля. Без него видно только, что файлы согласуются
между собой, но не видно, чьи они.

Программа выносит пять заключений:

    integrity      целостность: после подписи ничего не изменено
    authenticity   подлинность: подписано ключами, которым вы доверяете
    completeness   полнота: ни одна запись из запрошенных не пропущена
    time           время: когда сделаны записи
    erasure        удаление: что стёрто и какой записью это подтверждено

Код завершения 0: проверено. 10: изменено или подделано. 11: противоречит контрольной точке,
которая есть у вас. 12: не доказано. Сохраните proofs/checkpoint: с ним можно сверить следующую
выгрузку (--head).

Не доказывается: что записанное верно; всё, что позже контрольной точки; то, что никогда не было
записано. Папка views/ служит для чтения и не является доказательством: доказательства лежат в
entries.jsonl и bodies/. Если ключи зашифрованы (keys.age), откройте их своим ключом age:

    tidewaiter-audit open . --identity key.txt --out opened

Тексты здесь являются копиями. Удаление на бирже их не затрагивает: удалите их, когда они больше
не нужны.


DEUTSCH

Dies sind Aufzeichnungen aus dem Journal eines Gateways zwischen KI-Assistenten und einer Börse.
Entpacken Sie das Archiv zuerst; geprüft wird der Ordner.

So prüfen Sie ihn, mit Python 3.9 oder neuer und sonst nichts:

    python3 verify.py . --trust trust.txt

Nehmen Sie wenn möglich ein verify.py, das nicht vom Absender stammt: ein mitgeliefertes könnte
alles behaupten. trust.txt enthält die Schlüssel, denen Sie vertrauen. Die Datei muss Sie auf
anderem Weg erreicht haben: von der Website der Börse, aus einem früheren Schreiben, von einem
Zeugen. Ohne sie zeigt die Prüfung nur, ob die Dateien zusammenpassen, nicht, von wem sie sind.

Es gibt fünf Urteile:

    integrity      Unversehrtheit: seit der Unterschrift wurde nichts geändert
    authenticity   Echtheit: unterschrieben mit Schlüsseln, denen Sie vertrauen
    completeness   Vollständigkeit: keine verlangte Aufzeichnung fehlt
    time           Zeit: wann die Aufzeichnungen entstanden
    erasure        Löschung: was gelöscht wurde und welche Aufzeichnung das belegt

Rückgabewert 0: geprüft. 10: verändert oder gefälscht. 11: widerspricht einem Checkpoint, den Sie
besitzen. 12: nicht bewiesen. Bewahren Sie proofs/checkpoint auf: damit lässt sich eine spätere
Lieferung vergleichen (--head).

Nicht bewiesen wird: dass das Aufgezeichnete wahr ist; was nach dem Checkpoint kam; was nie
aufgezeichnet wurde. views/ dient dem Lesen und ist kein Beweis; Beweis sind entries.jsonl und
bodies/. Sind die Schlüssel verschlüsselt (keys.age), öffnen Sie sie mit Ihrer age-Identität:

    tidewaiter-audit open . --identity key.txt --out opened

Die Texte hier sind Kopien. Eine Löschung bei der Börse erreicht sie nicht: Löschen Sie sie, wenn
Sie sie nicht mehr brauchen.
";
