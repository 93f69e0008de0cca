-- The index, version 3. Times are milliseconds; those called pulled_at are of the SteadyClock, all
-- others since the epoch. Only the thread weir-index writes.

CREATE TABLE repository (
  id INTEGER PRIMARY KEY,
  upstream TEXT NOT NULL,
  name TEXT NOT NULL,
  UNIQUE (upstream, name));

-- Everything with a digest.
CREATE TABLE content (
  id INTEGER PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE,
  size_bytes INTEGER,  -- null for what is only known of
  media_type TEXT,     -- of manifests only
  stored_at INTEGER);  -- null for what is only known of

-- Upstream has shown this content in this repository. A root stands for itself: it has a tag, or
-- no other manifest of the repository points at it. Roots are the images that are listed and
-- evicted; everything else comes and goes with them.
CREATE TABLE link (
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  content_id INTEGER NOT NULL REFERENCES content (id),
  pulled_at INTEGER NOT NULL,
  is_root INTEGER NOT NULL,
  PRIMARY KEY (repository_id, content_id)) WITHOUT ROWID;

CREATE INDEX link_by_content ON link (content_id);
CREATE INDEX root_by_repository ON link (repository_id, content_id) WHERE is_root;
CREATE INDEX root_by_pull ON link (pulled_at, repository_id, content_id) WHERE is_root;

-- In this repository, the parent needs the child.
CREATE TABLE child (
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  parent_id INTEGER NOT NULL REFERENCES content (id),
  child_id INTEGER NOT NULL REFERENCES content (id),
  platform TEXT,  -- os/architecture[/variant] of an index's entry, and of an image's config; '' of
                  -- a config while nobody could read it
  PRIMARY KEY (repository_id, parent_id, child_id)) WITHOUT ROWID;

CREATE INDEX child_by_child ON child (child_id, repository_id);
CREATE INDEX child_by_parent ON child (parent_id);
CREATE INDEX platform_by_parent ON child (parent_id, repository_id, platform)
WHERE platform IS NOT NULL;
CREATE INDEX unread_config ON child (child_id) WHERE platform = '';

CREATE TABLE tag (
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  name TEXT NOT NULL,
  content_id INTEGER NOT NULL REFERENCES content (id),
  checked_at INTEGER NOT NULL,
  PRIMARY KEY (repository_id, name)) WITHOUT ROWID;

CREATE INDEX tag_by_content ON tag (content_id, repository_id);

-- Answers that are no content: lists of tags and of referrers.
CREATE TABLE document (
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  name TEXT NOT NULL,
  content BLOB NOT NULL,
  checked_at INTEGER NOT NULL,
  PRIMARY KEY (repository_id, name)) WITHOUT ROWID;

-- What the store has to remember of itself.
CREATE TABLE meta (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL) WITHOUT ROWID;

-- What is stored, for each upstream, and under '' for all together: a blob that two upstreams
-- share counts for each of them, and once for all. Kept by the triggers below, so that it cannot
-- differ from the rows.
CREATE TABLE usage (
  upstream TEXT PRIMARY KEY,
  bytes INTEGER NOT NULL,
  blobs INTEGER NOT NULL) WITHOUT ROWID;

INSERT INTO usage (upstream, bytes, blobs) VALUES ('', 0, 0);

CREATE TRIGGER repository_added AFTER INSERT ON repository BEGIN
  INSERT OR IGNORE INTO usage (upstream, bytes, blobs) VALUES (new.upstream, 0, 0);
END;

CREATE TRIGGER content_changed AFTER UPDATE OF stored_at, size_bytes ON content
WHEN old.stored_at IS NOT NULL OR new.stored_at IS NOT NULL BEGIN
  UPDATE usage SET
    bytes = bytes + iif(new.stored_at IS NULL, 0, new.size_bytes)
                  - iif(old.stored_at IS NULL, 0, old.size_bytes),
    blobs = blobs + (new.stored_at IS NOT NULL) - (old.stored_at IS NOT NULL)
  WHERE upstream = '' OR upstream IN (
    SELECT repository.upstream FROM link JOIN repository ON repository.id = link.repository_id
    WHERE link.content_id = new.id);
END;

-- Before its row goes, content has lost its links: only the sum of all still counts it.
CREATE TRIGGER content_removed AFTER DELETE ON content WHEN old.stored_at IS NOT NULL BEGIN
  UPDATE usage SET bytes = bytes - old.size_bytes, blobs = blobs - 1 WHERE upstream = '';
END;

CREATE TRIGGER link_added AFTER INSERT ON link BEGIN
  UPDATE usage SET
    bytes = bytes + (SELECT size_bytes FROM content WHERE id = new.content_id),
    blobs = blobs + 1
  WHERE upstream = (SELECT upstream FROM repository WHERE id = new.repository_id)
    AND (SELECT stored_at FROM content WHERE id = new.content_id) IS NOT NULL
    AND NOT EXISTS (
      SELECT 1 FROM link JOIN repository ON repository.id = link.repository_id
      WHERE link.content_id = new.content_id AND link.repository_id <> new.repository_id
        AND repository.upstream = usage.upstream);
END;

CREATE TRIGGER link_removed AFTER DELETE ON link BEGIN
  UPDATE usage SET
    bytes = bytes - (SELECT size_bytes FROM content WHERE id = old.content_id),
    blobs = blobs - 1
  WHERE upstream = (SELECT upstream FROM repository WHERE id = old.repository_id)
    AND (SELECT stored_at FROM content WHERE id = old.content_id) IS NOT NULL
    AND NOT EXISTS (
      SELECT 1 FROM link JOIN repository ON repository.id = link.repository_id
      WHERE link.content_id = old.content_id AND repository.upstream = usage.upstream);
END;
