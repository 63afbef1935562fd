CREATE TABLE "user_files" (
