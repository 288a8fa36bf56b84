"""Backups of MySQL and MariaDB: mysqldump and mariadb-dump, mydumper, mariabackup and xtrabackup."""
