-- The first version of the store's schema, with jobs as a stintd of then had them: what later ones
-- must be able to open. Never to be changed; see tests/test_store_open.c.
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
BEGIN;
CREATE TABLE jobs (
	number INTEGER PRIMARY KEY AUTOINCREMENT,
	whole INTEGER NOT NULL,
	phase INTEGER NOT NULL,
	outcome INTEGER NOT NULL,
	paused INTEGER NOT NULL,
	priority INTEGER NOT NULL,
	weight INTEGER NOT NULL,
	after_any INTEGER NOT NULL,
	after TEXT,
	name TEXT,
	file TEXT,
	directory TEXT,
	reason TEXT,
	submitted_us INTEGER NOT NULL,
	began_us INTEGER NOT NULL,
	ended_us INTEGER NOT NULL,
	bytes INTEGER NOT NULL,
	total INTEGER NOT NULL,
	ok INTEGER NOT NULL,
	failed INTEGER NOT NULL,
	timeout INTEGER NOT NULL,
	crashed INTEGER NOT NULL,
	poisoned INTEGER NOT NULL,
	cancelled INTEGER NOT NULL,
	skipped INTEGER NOT NULL,
	interrupted INTEGER NOT NULL,
	wall_us INTEGER NOT NULL,
	cpu_us INTEGER NOT NULL,
	result_bytes INTEGER NOT NULL,
	round_bytes INTEGER NOT NULL,
	round_all INTEGER NOT NULL
);
CREATE INDEX unfinished ON jobs (number) WHERE whole = 0;
CREATE TABLE sources (key INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE chunks (key INTEGER PRIMARY KEY, count INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE removed (number INTEGER PRIMARY KEY);
PRAGMA application_id = 1937009006;
PRAGMA user_version = 1;
INSERT INTO jobs VALUES (2, 1, 3, 1, 0, 5, 10, 0, '1', 'nightly', 'night.json', '/srv', NULL,
	1764082923000001, 1764082923000002, 1764082923000003, 11, 2, 2, 0, 0, 0, 0, 0, 0, 0, 7, 8, 22,
	11, 1);
INSERT INTO sources VALUES ((2 << 28), 'what it is ');
INSERT INTO chunks VALUES ((2 << 28), 1, '{"id":"a"}' || char(10));
INSERT INTO chunks VALUES ((2 << 28) + 1, 1, '{"id":"b"}' || char(10));
INSERT INTO jobs VALUES (3, 0, 1, 0, 0, 0, 1, 0, NULL, NULL, NULL, NULL, NULL,
	1764082924000000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0);
INSERT INTO sources VALUES ((3 << 28), 'not whole');
INSERT INTO jobs VALUES (4, 1, 1, 0, 1, -3, 1, 1, '2,3', NULL, NULL, NULL, 'why',
	1764082925000000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0);
INSERT INTO removed VALUES (1);
INSERT INTO chunks VALUES ((1 << 28) + 7, 1, '{"id":"gone"}' || char(10));
UPDATE sqlite_sequence SET seq = 9;
COMMIT;
