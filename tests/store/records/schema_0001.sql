BEGIN TRANSACTION;
CREATE TABLE access_keys (
	access_key_id VARCHAR(128) NOT NULL, 
	secret_access_key VARCHAR(128) NOT NULL, 
	principal_arn VARCHAR(512) NOT NULL, 
	session_token TEXT, 
	expires_ms BIGINT, 
	created_ms BIGINT NOT NULL, 
	PRIMARY KEY (access_key_id), 
	FOREIGN KEY(principal_arn) REFERENCES principals (arn)
);
INSERT INTO "access_keys" VALUES('AKIA23IU4NY7AVOLSY3M','MqzMMjasxVWduKnZ4/njbycHy1sv4wxNY5I57JHj','arn:aws:iam::000000000000:user/admin',NULL,NULL,1796003652088);
INSERT INTO "access_keys" VALUES('AKIAYSRAE6FGWESW2SV3','L225zH6ZvImulWSu98sm1A+Gao89p8xOINmhJ+dz','arn:aws:iam::000000000000:user/ada',NULL,NULL,1796003652098);
CREATE TABLE accounts (
	account_id VARCHAR(12) NOT NULL, 
	created_ms BIGINT NOT NULL, 
	PRIMARY KEY (account_id)
);
INSERT INTO "accounts" VALUES('000000000000',1796003652084);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE datasets (
	id INTEGER NOT NULL, 
	arn VARCHAR(2048) NOT NULL, 
	project_id INTEGER NOT NULL, 
	type VARCHAR(8) NOT NULL, 
	status VARCHAR(32) NOT NULL, 
	status_message TEXT NOT NULL, 
	status_code VARCHAR(32) NOT NULL, 
	created_ms BIGINT NOT NULL, 
	updated_ms BIGINT NOT NULL, 
	total_entries INTEGER NOT NULL, 
	labeled_entries INTEGER NOT NULL, 
	total_labels INTEGER NOT NULL, 
	error_entries INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(project_id) REFERENCES projects (id), 
	UNIQUE (arn), 
	UNIQUE (project_id, type)
);
INSERT INTO "datasets" VALUES(1,'arn:aws:rekognition:us-east-1:000000000000:project/orchard/dataset/train/1796003652107',1,'TRAIN','CREATE_COMPLETE','The dataset was created.','SUCCESS',1796003652107,1796003652107,3,3,2,0);
CREATE TABLE entries (
	dataset_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	source_ref TEXT NOT NULL, 
	is_labeled BOOLEAN NOT NULL, 
	has_errors BOOLEAN NOT NULL, 
	PRIMARY KEY (dataset_id, position), 
	FOREIGN KEY(dataset_id) REFERENCES datasets (id) ON DELETE CASCADE, 
	UNIQUE (dataset_id, source_ref)
)
 WITHOUT ROWID

;
INSERT INTO "entries" VALUES(1,0,'s3://orchard/a.png',1,0);
INSERT INTO "entries" VALUES(1,1,'s3://orchard/b.png',1,0);
INSERT INTO "entries" VALUES(1,2,'s3://orchard/c.png',1,0);
CREATE TABLE entry_labels (
	dataset_id INTEGER NOT NULL, 
	label_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	has_errors BOOLEAN NOT NULL, 
	PRIMARY KEY (dataset_id, label_id, position), 
	FOREIGN KEY(dataset_id) REFERENCES datasets (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "entry_labels" VALUES(1,0,0,0);
INSERT INTO "entry_labels" VALUES(1,0,2,0);
INSERT INTO "entry_labels" VALUES(1,1,1,0);
CREATE TABLE entry_lines (
	dataset_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	mentions JSON NOT NULL, 
	line TEXT NOT NULL, 
	PRIMARY KEY (dataset_id, position), 
	FOREIGN KEY(dataset_id) REFERENCES datasets (id) ON DELETE CASCADE
);
INSERT INTO "entry_lines" VALUES(1,0,'[[0, 1]]','{"source-ref":"s3://orchard/a.png","kind":1,"kind-metadata":{"class-name":"apple","confidence":1,"human-annotated":"yes","creation-date":"2026-10-01T10:00:00","type":"groundtruth/image-classification"}}');
INSERT INTO "entry_lines" VALUES(1,1,'[[1, 1]]','{"source-ref":"s3://orchard/b.png","kind":1,"kind-metadata":{"class-name":"pear","confidence":1,"human-annotated":"yes","creation-date":"2026-10-01T10:00:00","type":"groundtruth/image-classification"}}');
INSERT INTO "entry_lines" VALUES(1,2,'[[0, 1]]','{"source-ref":"s3://orchard/c.png","kind":1,"kind-metadata":{"class-name":"apple","confidence":1,"human-annotated":"yes","creation-date":"2026-10-01T10:00:00","type":"groundtruth/image-classification"}}');
CREATE TABLE health_reports (
	project_id INTEGER NOT NULL, 
	report BLOB NOT NULL, 
	PRIMARY KEY (project_id), 
	FOREIGN KEY(project_id) REFERENCES projects (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE jobs (
	id INTEGER NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	resource_arn VARCHAR(2048) NOT NULL, 
	caller_arn VARCHAR(512) NOT NULL, 
	access_key_id VARCHAR(128) NOT NULL, 
	payload JSON NOT NULL, 
	body BLOB, 
	status VARCHAR(16) NOT NULL, 
	attempts INTEGER NOT NULL, 
	pid INTEGER, 
	progress JSON, 
	error TEXT, 
	created_ms BIGINT NOT NULL, 
	started_ms BIGINT, 
	finished_ms BIGINT, 
	PRIMARY KEY (id)
);
CREATE TABLE labels (
	dataset_id INTEGER NOT NULL, 
	label_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	mention_count INTEGER NOT NULL, 
	entry_count INTEGER NOT NULL, 
	box_count INTEGER NOT NULL, 
	PRIMARY KEY (dataset_id, label_id), 
	FOREIGN KEY(dataset_id) REFERENCES datasets (id) ON DELETE CASCADE, 
	UNIQUE (dataset_id, name)
);
INSERT INTO "labels" VALUES(1,0,'apple',2,2,0);
INSERT INTO "labels" VALUES(1,1,'pear',1,1,0);
CREATE TABLE principals (
	arn VARCHAR(512) NOT NULL, 
	account_id VARCHAR(12) NOT NULL, 
	policies JSON NOT NULL, 
	created_ms BIGINT NOT NULL, 
	PRIMARY KEY (arn), 
	FOREIGN KEY(account_id) REFERENCES accounts (account_id)
);
INSERT INTO "principals" VALUES('arn:aws:iam::000000000000:user/admin','000000000000','[{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}]',1796003652085);
INSERT INTO "principals" VALUES('arn:aws:iam::000000000000:user/ada','000000000000','[{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["rekognition:*", "s3:*"], "Resource": "*"}]}]',1796003652097);
CREATE TABLE project_versions (
	id INTEGER NOT NULL, 
	arn VARCHAR(2048) NOT NULL, 
	project_id INTEGER NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	status VARCHAR(32) NOT NULL, 
	status_message TEXT NOT NULL, 
	created_ms BIGINT NOT NULL, 
	output_bucket VARCHAR(255) NOT NULL, 
	output_prefix VARCHAR(1024) NOT NULL, 
	kms_key_id TEXT, 
	description VARCHAR(255), 
	training_input JSON NOT NULL, 
	testing_input JSON NOT NULL, 
	training_end_ms BIGINT, 
	billable_seconds BIGINT, 
	f1_score FLOAT, 
	result_files JSON NOT NULL, 
	min_units INTEGER, 
	max_units INTEGER, 
	source_version_arn VARCHAR(2048), 
	PRIMARY KEY (id), 
	FOREIGN KEY(project_id) REFERENCES projects (id), 
	UNIQUE (arn), 
	UNIQUE (project_id, name)
);
INSERT INTO "project_versions" VALUES(1,'arn:aws:rekognition:us-east-1:000000000000:project/orchard/version/v1/1796003652135',1,'v1','TRAINING_COMPLETED','The model is ready to run.',1796003652135,'results','out',NULL,NULL,'{}','{"AutoCreate": true}',NULL,NULL,NULL,'{}',NULL,NULL,NULL);
CREATE TABLE projects (
	id INTEGER NOT NULL, 
	arn VARCHAR(2048) NOT NULL, 
	account_id VARCHAR(12) NOT NULL, 
	region VARCHAR(64) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	created_ms BIGINT NOT NULL, 
	status VARCHAR(32) NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (account_id, region, name), 
	UNIQUE (arn)
);
INSERT INTO "projects" VALUES(1,'arn:aws:rekognition:us-east-1:000000000000:project/orchard/1796003652099','000000000000','us-east-1','orchard',1796003652099,'CREATED');
CREATE TABLE secrets (
	name VARCHAR(64) NOT NULL, 
	value BLOB NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE tags (
	resource_arn VARCHAR(2048) NOT NULL, 
	"key" VARCHAR(128) NOT NULL, 
	value VARCHAR(256) NOT NULL, 
	PRIMARY KEY (resource_arn, "key")
);
CREATE TABLE training_points (
	version_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	seconds FLOAT NOT NULL, 
	phase VARCHAR(64) NOT NULL, 
	step INTEGER NOT NULL, 
	loss FLOAT, 
	metric FLOAT, 
	PRIMARY KEY (version_id, number), 
	FOREIGN KEY(version_id) REFERENCES project_versions (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE INDEX jobs_by_resource ON jobs (resource_arn, id);
CREATE INDEX jobs_by_status ON jobs (status, kind, id);
CREATE INDEX entries_by_both ON entries (dataset_id, is_labeled, has_errors, position);
CREATE INDEX entries_by_errors ON entries (dataset_id, has_errors, position);
CREATE INDEX entries_by_labeled ON entries (dataset_id, is_labeled, position);
COMMIT;
