-- What version 3 has beside version 2. What configs say is filled in by ConfigReading.

CREATE INDEX platform_by_parent ON child (parent_id, repository_id, platform)
WHERE platform IS NOT NULL;
CREATE INDEX unread_config ON child (child_id) WHERE platform = '';

INSERT INTO meta (name, value) VALUES ('unread-configs', '');
